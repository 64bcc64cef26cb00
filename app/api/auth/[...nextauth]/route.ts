import NextAuth from 'next-auth';
import { authOptions } from '../../../../lib/access/next-auth.ts';
import { clientAddress } from '../../../../lib/shell/client-address.ts';
import { route } from '../../../../lib/shell/http.ts';

type Routed = { params: Promise<{ nextauth: string[] }> };

/** next-auth's own endpoints, behind the wrapper like every other; they check their own CSRF token. */
const handler = async (request: Request, segments: string[]): Promise<Response> => {
  const options = await authOptions(clientAddress(request.headers));
  return (await NextAuth(options)(request, {
    params: Promise.resolve({ nextauth: segments }),
  } satisfies Routed)) as Response;
};

const segmentsOf = (joined: string | undefined): string[] => (joined ?? '').split('/').filter(Boolean);

export const GET = route({
  policy: { read: 'public' },
  handle: ({ request, params }) => handler(request, segmentsOf(params.nextauth)),
});
export const POST = route({
  policy: { command: 'access.sign-in' },
  stream: true,
  crossOrigin: 'own-check',
  handle: ({ request, params }) => handler(request, segmentsOf(params.nextauth)),
});
