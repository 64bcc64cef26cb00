export const dynamic = 'force-dynamic';

/** The process lives; whether it can work is /api/ready's to say. */
export function GET() {
  return Response.json({ status: 'ok' });
}
