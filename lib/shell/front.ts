import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { AppError } from './errors.ts';

/** What Node itself would take by default, in characters; only searches of the registry protocol need more. */
const LONGEST_HEAD = 16 * 1024;
/** The framework's work grows with the square of their number: ten thousand hold the process up for seconds. */
const MOST_PARAMETERS = 1_000;

type Environment = Readonly<Record<string, string | undefined>>;
type Head = Pick<IncomingMessage, 'url' | 'headers' | 'rawHeaders'>;

/** What is refused unread, whoever sends it; `isDirect` is what the framework never sees. */
export function refusalAtFront(message: Head, isDirect: boolean, env: Environment): AppError | undefined {
  const { url = '', headers, rawHeaders } = message;
  if (isRebound(headers.host ?? '', env))
    return new AppError(
      'forbidden',
      'unknown_host',
      'Sample accounts are open here: come by the address that was printed.',
    );
  if (isDirect) return undefined;
  const length = rawHeaders.reduce((sum, { length }) => sum + length, url.length);
  if (length > LONGEST_HEAD)
    return new AppError(
      'malformed',
      'head_too_long',
      `Address and headers may have ${LONGEST_HEAD} characters together.`,
    );
  if (url.split('&').length > MOST_PARAMETERS)
    return new AppError('malformed', 'too_many_parameters', `An address may have ${MOST_PARAMETERS} parameters.`);
  return undefined;
}

/**
 * The passwords of the sample accounts are known to everybody, and it is the loopback address that keeps them: a page whose
 * name is made to lead there (DNS rebinding) must not be taken for one of ours.
 */
function isRebound(host: string, { PLUMBLINE_DEMO, PLUMBLINE_ORIGIN = '' }: Environment): boolean {
  if (PLUMBLINE_DEMO !== '1' || !URL.canParse(`http://${host}`)) return false;
  const name = new URL(`http://${host}`).hostname;
  const own = URL.canParse(PLUMBLINE_ORIGIN) ? new URL(PLUMBLINE_ORIGIN).hostname : '';
  return isIP(name.replace(/^\[|\]$/g, '')) === 0 && name !== 'localhost' && name !== own;
}
