import type { Advice, ErrorKind } from '../../../core/errors.ts'
import type { QrApp, QrState } from '../../../core/qr-login.ts'

/** Every text of the command line in English; its shape is what every other language must fill in. */
export const en = {
  help: {
    program:
      'A self-hosted gateway for the cloud drive 115: WebDAV, AList API, 302 links and a streaming proxy',
    titles: {
      'Usage:': 'Usage:',
      'Arguments:': 'Arguments:',
      'Options:': 'Options:',
      'Commands:': 'Commands:',
    } as Record<string, string>,
    options: '[options]',
    command: '[command]',
    defaultValue: (value: string) => ` (default: ${value})`,
    environment: (name: string) => ` (env: ${name})`,
    showHelp: 'show this help',
    showVersion: 'show the version',
    helpCommand: 'show the help of a command',
    exitCodes: 'Exit codes: 0 done, 1 failed, 2 wrong usage',
  },

  usage: {
    unknownCommand: (name: string) => `unknown command "${name}"`,
    unknownOption: (name: string) => `unknown option "${name}"`,
    missingArgument: (name: string) => `argument "${name}" is missing`,
    missingValue: (name: string) => `option "${name}" needs a value`,
    missingOption: (name: string) => `option "${name}" is required`,
    tooManyArguments: 'too many arguments',
    didYouMean: (names: string) => `did you mean ${names}?`,
    seeHelp: (command: string) => `see "${command} --help"`,
    listen: (text: string) =>
      `cannot listen on "${text}": an address is HOST:PORT with a port from 0 to 65535`,
    address: (text: string) => `"${text}" is not an address such as http://127.0.0.1:5150`,
    latency: (text: string) => `latency "${text}" is not a list such as api=60ms,cdn=20ms,oss=30ms`,
    logLevel: (text: string, allowed: string) => `log level "${text}" is not one of ${allowed}`,
    app: (name: string, known: string) => `unknown client "${name}": 115 knows ${known}`,
    driver: (name: string, known: string) => `unknown driver "${name}": there are ${known}`,
    pair: (text: string) => `option "${text}" is not of the form name=value`,
    driverOption: (name: string, driver: string, known: string) =>
      `driver "${driver}" has no option "${name}": it has ${known}`,
    secretAsArgument: (name: string) =>
      `option "${name}" is a secret and would be seen in the process list: use --secret ${name}`,
    notSecret: (name: string) => `option "${name}" is not a secret: use --option ${name}=value`,
    oneSecret: 'only one secret can be read from standard input',
    rights: (name: string, known: string) => `unknown right "${name}": there are ${known}`,
    passwordSource: 'there is no terminal to ask for the password: use --stdin or --generate',
    passwordSources: 'use either --stdin or --generate, not both',
    secretSource: (name: string) => `there is nothing on standard input to read "${name}" from`,
  },

  errors: {
    /** What each kind means; null: errors speak this language themselves. */
    kinds: null as Readonly<Record<ErrorKind, string>> | null,
    detail: (kind: string, message: string) => `${kind} (${message})`,
    /** Joins what failed with why. */
    because: (action: string, why: string) => `${action}: ${why}`,
    upstream: (words: string) => `115 says: "${words}"`,
    sentence: (...parts: string[]) => parts.join('; '),
    addressInUse: (address: string) =>
      `address ${address} is in use; stop the other program or choose another address with --listen`,
    addressRefused: (address: string) =>
      `the system does not allow listening on ${address}; choose a port above 1023 with --listen`,
    addressUnknown: (address: string) =>
      `this machine has no address ${address}; choose one of its own with --listen`,
    noAccess: (path: string) => `no permission for "${path}"; give this user access or choose another --data`,
    advice: {
      'log-in-again': 'sign in again with "panport login"',
      'scan-with-app-client': 'sign in with an app client, e.g. "panport login alipaymini"',
      'choose-other-client':
        'choose another client, e.g. "panport login alipaymini"; "panport login --list" shows all',
      'check-folder-id': 'check the folder id in the address bar of 115.com',
      wait: 'wait a while before trying again',
      'verify-account': 'open 115 in a browser or its app and pass the check there',
      report: 'please report this with the lines above',
      'check-network': 'check the network and the proxy',
    } as Record<Advice, string>,
    interrupted: 'interrupted',
  },

  stop: {
    stopping: 'stopping ...',
    forced: 'stopped at once: not everything was closed',
    action: 'Cannot stop cleanly',
  },

  demo: {
    description: 'start a sandbox of 115 and a gateway with everything mounted: needs no account',
    listen: 'address of the gateway',
    sandboxListen: 'address of the sandbox',
    data: 'keep the data in this folder (a temporary one without it)',
    action: 'Cannot start the demo',
    starting: 'starting the sandbox and the gateway ...',
    title: 'panport demo: a simulated 115, no account needed',
    web: 'Web',
    dav: 'WebDAV',
    sandbox: 'Sandbox',
    user: 'User',
    password: 'Password',
    mounts: 'Mounts',
    scan: (address: string) =>
      `To try the QR login, run "panport login alipaymini --sandbox ${address}" and scan on ${address}/__sandbox/`,
    stopHint: 'Ctrl-C stops it',
  },

  serve: {
    description: 'run the gateway',
    listen: 'address to listen on',
    data: 'data folder',
    database: 'database address; SQLite in the data folder, the only one so far, needs none',
    sandbox: 'use a sandbox at this address instead of the real clouds',
    logLevel: 'least level that is logged',
    environment:
      'Only from the environment, since arguments can be seen by others:\n' +
      '  PANPORT_ADMIN_PASSWORD  password of "admin" on the first start\n' +
      '  PANPORT_SECRET_KEY      master key for secrets (a key file in the data folder without it)',
    action: 'Cannot start the gateway',
    web: 'Web',
    dav: 'WebDAV',
    user: 'User',
    password: 'Password',
    passwordOnce: 'This password is shown only now; "panport user password" sets another',
  },

  login: {
    description: 'sign in to 115 by QR code; the cookie goes to standard output',
    app: 'client to sign in as: web, android, ios, linux, mac, windows, tv, alipaymini, wechatmini, qandroid, ...',
    open: 'write the code to an image and open it',
    list: 'list the clients and end',
    sandbox: 'sign in to a sandbox at this address',
    exitCodes:
      'Exit codes: 0 signed in, 1 failed, 2 wrong usage, 3 code expired, 4 cancelled on the phone, ' +
      '5 refused by 115, 130 interrupted',
    action: 'Cannot sign in to 115',
    signingIn: (client: string, slot: string) =>
      `Signing in as ${client}: this ends an older login of the same kind (slot ${slot})`,
    standings: {
      advised: 'advised',
      fine: 'fine',
      discouraged: 'not advised: it ends your own login of that client',
      withdrawn: 'withdrawn by 115',
    } as Record<QrApp['standing'], string>,
    withdrawn: (app: string) => `115 has withdrawn the client "${app}" and will most likely refuse it`,
    discouraged: (app: string) =>
      `"${app}" is a client people use every day: signing in there yourself will end this login`,
    scan: 'Scan this code with the 115 app:',
    scanSandbox: (page: string) => `Scan it on the sandbox's page: ${page}`,
    text: (text: string) => `The code says: ${text}`,
    narrow: 'The terminal is too narrow for the code: widen it, or use --open-qrcode',
    image: (path: string) => `Image of the code: ${path}`,
    notOpened: (why: string) => `The image was not opened: ${why}`,
    notWritten: (why: string) => `The image was not written: ${why}`,
    states: {
      waiting: 'waiting for the scan',
      scanned: 'scanned, waiting for the confirmation on the phone',
      confirmed: 'signed in',
      expired: 'the code has expired: run the command again',
      cancelled: 'cancelled on the phone',
    } as Record<QrState, string>,
    signedInAs: (name: string, id: string) => `signed in as ${name} (${id})`,
    aborted: 'aborted',
    columns: { name: 'client', slot: 'slot', label: 'what it is', standing: 'remark' },
  },

  sandbox: {
    description: 'run the emulator of 115 alone',
    listen: 'address to listen on (this machine only)',
    tls: "serve https with a certificate authority of its own, under the cloud's own host names",
    scenario: 'what is in it at the start',
    loose: 'let unknown calls through instead of answering 501',
    latency: 'delay answers, e.g. api=60ms,cdn=20ms,oss=30ms',
    action: 'Cannot start the sandbox',
    address: 'Sandbox',
    page: 'Page',
    ca: 'CA file',
  },

  administration: {
    data: 'data folder of the gateway',
    json: 'print JSON for scripts',
    action: 'Cannot open the data folder',
    running: 'A gateway that is running notices this when it is restarted',
    enabled: 'enabled',
    disabled: 'disabled',
  },

  user: {
    description: 'users of the gateway',
    list: 'list the users',
    add: 'add a user',
    remove: 'remove a user',
    password: 'set the password of a user',
    enable: 'let a user in again',
    disable: 'keep a user out',
    name: 'name of the user',
    basePath: 'folder of the tree the user sees as its root',
    allow: (known: string) => `rights, separated by commas: ${known}`,
    stdin: 'read the password from standard input',
    generate: 'make a random password and print it',
    columns: { id: 'id', name: 'name', role: 'role', basePath: 'root', permission: 'rights', state: 'state' },
    actions: {
      list: 'Cannot list the users',
      add: (name: string) => `Cannot add user "${name}"`,
      remove: (name: string) => `Cannot remove user "${name}"`,
      password: (name: string) => `Cannot set the password of "${name}"`,
      change: (name: string) => `Cannot change user "${name}"`,
    },
    added: (name: string) => `User "${name}" was added`,
    removed: (name: string) => `User "${name}" was removed`,
    passwordSet: (name: string) => `The password of "${name}" was set; older logins have ended`,
    enabled: (name: string) => `User "${name}" may log in again`,
    disabled: (name: string) => `User "${name}" may not log in any more`,
    askPassword: (name: string) => `Password for "${name}": `,
    askAgain: 'Once more: ',
    differ: 'the two passwords differ',
    empty: 'the password is empty',
  },

  storage: {
    description: 'storages of the gateway: which drive hangs where',
    list: 'list the storages',
    show: 'show a storage, secrets masked',
    add: 'add a storage',
    remove: 'remove a storage; nothing on the drive is touched',
    enable: 'mount a storage again',
    disable: 'unmount a storage and keep it',
    which: 'id or mount path',
    driver: 'name of the driver, e.g. "115 Cloud"',
    mount: 'path in the tree where it appears, e.g. /115',
    option: 'an option of the driver; can be given several times',
    secret: 'read this secret option from standard input or ask for it, e.g. --secret cookie',
    columns: { id: 'id', mount: 'mount', driver: 'driver', state: 'state' },
    actions: {
      list: 'Cannot list the storages',
      show: (which: string) => `Cannot show storage "${which}"`,
      add: (mount: string) => `Cannot add storage "${mount}"`,
      remove: (which: string) => `Cannot remove storage "${which}"`,
      change: (which: string) => `Cannot change storage "${which}"`,
    },
    unknown: 'no storage has that id or mount path; "panport storage list" shows them all',
    added: (mount: string, id: number) => `Storage "${mount}" was added with id ${id}`,
    removed: (mount: string) => `Storage "${mount}" was removed`,
    enabled: (mount: string) => `Storage "${mount}" is enabled`,
    disabled: (mount: string) => `Storage "${mount}" is disabled`,
    already: (state: string) => `it is ${state} already`,
    ask: (name: string) => `${name}: `,
  },
}

/** The shape every language fills in. */
export type Messages = typeof en
