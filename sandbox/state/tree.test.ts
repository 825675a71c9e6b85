import { describe, expect, it } from 'vitest'
import { Tree, walk } from './tree.ts'

const facts = (name: string) => ({ name, createdAtS: 1, modifiedAtS: 2 })
const content = { kind: 'seed', seed: 's', size: 1 } as const

function makeTree() {
  const tree = new Tree(1)
  const films = tree.addDirectory(tree.root, facts('films'))
  const inner = tree.addDirectory(films, facts('inner'))
  const file = tree.addFile(inner, facts('a'), content, 'SHA')
  return { tree, films, inner, file }
}

describe('Tree', () => {
  it('resolve() follows names, prefers directories, and is null when one is missing', () => {
    const { tree, films, inner, file } = makeTree()
    tree.addFile(tree.root, facts('both'), content, 'SHA')
    const both = tree.addDirectory(tree.root, facts('both'))
    expect(tree.resolve(['films', 'inner', 'a'])).toBe(file)
    expect(tree.resolve(['both'])).toBe(both)
    expect(tree.resolve(['inner'], films)).toBe(inner)
    expect(tree.resolve(['films', 'inner', 'a', 'b'])).toBeNull()
    expect(tree.resolve(['x'])).toBeNull()
  })

  it('remove() forgets everything below and counts as a change of the parent', () => {
    const { tree, films, inner, file } = makeTree()
    const [before, all] = [films.version, tree.version]
    tree.remove(inner)
    expect([tree.find(inner.id), tree.find(file.id), tree.size]).toEqual([null, null, 1])
    expect([films.version, tree.version]).toEqual([before + 1, all + 1])
    expect(() => tree.remove(tree.root)).toThrow('it is the root')
  })

  it('move() refuses to put a directory into itself', () => {
    const { tree, films, inner, file } = makeTree()
    expect(() => tree.move(films, inner, 9)).toThrow('"inner" is inside it')
    expect(() => tree.move(films, films, 9)).toThrow('is inside it')
    tree.move(file, films, 9)
    expect([tree.ancestors(file), file.updatedAtS]).toEqual([[tree.root, films], 9])
  })

  it('walk() gives every entry once, parents first', () => {
    const { tree, films, inner, file } = makeTree()
    expect([...walk(tree.root)]).toEqual([tree.root, films, inner, file])
  })

  it('gives ids that grow, of 19 digits, and apart from those of another account', () => {
    const { films, inner } = makeTree()
    const other = new Tree(2)
    const theirs = other.addDirectory(other.root, facts('x'))
    expect(films.id).toBe('2500000100000000001')
    expect(inner.id).toBe('2500000100000000002')
    expect(theirs.id).toBe('2500000200000000001')
  })
})
