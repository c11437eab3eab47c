/** `npm run rotate-key`: a new SECRET_KEY for the next start; see SECURITY.md. */
import '../config/load-env.ts'
import settings from '../../gunicorn-equivalent.config.ts'
import { readConfig } from '../config/config.ts'
import { rotateKeptKey } from '../keys/secret-key.ts'
import { StartError } from '../lib/errors.ts'

try {
  const config = readConfig(process.env, settings)
  if (config.secretKey) {
    throw new StartError(
      'The key is set in the environment. Set SECRET_KEY_PREVIOUS to it, SECRET_KEY to a new one (openssl rand -hex 32), and start the server anew.'
    )
  }
  rotateKeptKey(config.dataDir)
  console.log(
    `There is a new key in ${config.dataDir}/.secret_key. Start the server anew: secrets are kept with it from then on, and nobody has to sign in again.`
  )
} catch (error) {
  if (!(error instanceof StartError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
