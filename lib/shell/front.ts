import { randomBytes } from 'node:crypto';
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

/** What a page may load and run. Only scripts that were written with the nonce of this answer run; styles may be inline. */
const pagePolicy = (nonce: string): string =>
  [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

const NONCE = 'x-nonce';
const POLICY = 'content-security-policy';
const isPage = (url: string): boolean => !/^\/(api|ajax-api|_next)\//.test(url);

/**
 * Chooses the nonce of a page. The framework reads it from the request and writes it on its scripts, so that none that a
 * sender names may stand there. @returns the headers of the answer
 */
export function headersOfPage(message: Pick<IncomingMessage, 'url' | 'headers'>): Record<string, string> {
  const { headers, url = '' } = message;
  for (const name of [NONCE, POLICY, `${POLICY}-report-only`]) delete headers[name];
  if (!isPage(url)) return {};
  const nonce = randomBytes(16).toString('base64');
  const policy = pagePolicy(nonce);
  headers[NONCE] = nonce;
  headers[POLICY] = policy;
  return { [POLICY]: policy };
}
