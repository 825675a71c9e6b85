import type { DriverDefinition } from '../../core/driver-definition.ts'
import type { OptionSchema } from '../../core/options.ts'
import { LocalDriver } from './driver.ts'

const options = [
  {
    name: 'root_folder_path',
    type: 'string',
    default: '',
    required: true,
    help: {
      zh: '要挂载的本机文件夹的绝对路径，例如 /mnt/media',
      en: 'Absolute path of the folder of this machine to mount, e.g. /mnt/media',
    },
  },
  {
    name: 'show_hidden',
    type: 'bool',
    default: true,
    help: { zh: '显示名称以点开头的文件', en: 'Show files whose names begin with a dot' },
  },
] as const satisfies OptionSchema

/** A folder of the machine this program runs on. */
export const localDriver: DriverDefinition<typeof options> = {
  name: 'Local',
  options,
  rootOption: 'root_folder_path',
  mustProxy: true,
  listsAnew: true,
  create: (values) => new LocalDriver({ folder: values.root_folder_path, showsHidden: values.show_hidden }),
}
