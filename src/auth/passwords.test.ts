import { describe, expect, test } from 'vitest'
import { fakeScheme } from '../../test/support/fake-stores.ts'
import { loadPasswords, Passwords, scryptScheme, staticHashOf } from './passwords.ts'

test.each([
  ['Passw0rd!', 'b67409d976f266692d4e75305440dffb671cf9d142906a568aac1cd39ebeecec'],
  ['密码123', '0c638a2b29a4592d622364c78103056f22f3144498c3b7a8bfd6eb5029682801'],
])("staticHashOf() of %s is what AList's clients send", (password, hash) => {
  expect(staticHashOf(password)).toBe(hash)
})

describe('Passwords', () => {
  test('hash() is argon2id where it loads, salted, and verify() tells right from wrong', async () => {
    const passwords = await loadPasswords()
    const stored = await passwords.hash(staticHashOf('a'))
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(await passwords.hash(staticHashOf('a'))).not.toBe(stored)
    expect(await passwords.verify(staticHashOf('a'), stored)).toBe(true)
    expect(await passwords.verify(staticHashOf('b'), stored)).toBe(false)
  })

  test('what scrypt stored is checked where argon2 is preferred', async () => {
    const stored = await new Passwords([scryptScheme]).hash('static hash')
    expect(stored).toMatch(/^\$scrypt\$ln=16,r=8,p=1\$/)
    expect(stored).not.toContain('static hash')
    const passwords = await loadPasswords()
    expect(await passwords.verify('static hash', stored)).toBe(true)
    expect(await passwords.verify('another', stored)).toBe(false)
  })

  test('a cut scrypt text fits no password', async () => {
    const passwords = new Passwords([scryptScheme])
    expect(await passwords.verify('x', '$scrypt$ln=16,r=8,p=1$')).toBe(false)
    expect(await passwords.verify('x', '$scrypt$ln=16,r=8,p=1$c2FsdA==$')).toBe(false)
  })

  test('verify() without a stored text checks something all the same, and is false', async () => {
    const scheme = fakeScheme()
    expect(await new Passwords([scheme]).verify('x', null)).toBe(false)
    expect(scheme.checks).toBe(1)
  })

  test('verify() says which scheme is missing', async () => {
    await expect(new Passwords([fakeScheme()]).verify('x', '$argon2id$v=19$m=1$a$b')).rejects.toMatchObject({
      kind: 'Internal',
      message: 'Cannot check a password: scheme "argon2id" is not available here',
    })
  })
})
