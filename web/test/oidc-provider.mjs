// A certified OpenID Connect provider for the browser tests:
//   node oidc-provider.mjs PORT RETURN_ADDRESS FOLDER
// FOLDER/accounts.json says {login: {name, groups}} and is read anew at each sign-in; any password will do. The key that
// it signs with is kept there too.

import { generateKeyPairSync } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import Provider from 'oidc-provider'

const [port, returnTo, folder] = process.argv.slice(2)
const read = (name) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'))

if (!existsSync(`${folder}/key.json`)) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }
  writeFileSync(`${folder}/key.json`, JSON.stringify(key))
}

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: 'virtaamo',
      client_secret: 'a secret of the tests',
      redirect_uris: [returnTo],
      response_types: ['code'],
      grant_types: ['authorization_code'],
    },
  ],
  claims: { openid: ['sub'], profile: ['name', 'groups'] },
  conformIdTokenClaims: false,
  cookies: { keys: ['of the tests'] },
  features: { devInteractions: { enabled: true } },
  findAccount: (_, login) => {
    const known = read('accounts.json')[login]
    return known && { accountId: login, claims: () => ({ sub: login, ...known }) }
  },
  jwks: { keys: [read('key.json')] },
  pkce: { required: () => true },
})

provider.listen(Number(port), '127.0.0.1', () => console.log('listening'))
