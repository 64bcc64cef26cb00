import type { Metadata, Viewport } from 'next';
import { headers } from 'next/headers';
import type { ReactNode } from 'react';
import { Providers } from '../components/board/providers.tsx';
import './globals.css';

export const metadata: Metadata = {
  title: 'Plumbline',
  description: 'One screen on which product, data and operations decide together about the models they run.',
  // An empty icon in the page itself: no request for /favicon.ico that could only fail.
  icons: {
    icon: "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><rect x='6' y='1' width='4' height='14' rx='1' fill='%23114BBA'/></svg>",
  },
};
export const viewport: Viewport = { width: 'device-width', initialScale: 1 };

export default async function RootLayout({ children }: { children: ReactNode }) {
  const nonce = (await headers()).get('x-nonce') ?? undefined;
  return (
    // next-themes writes the theme on <html> before the first paint, which the server cannot know.
    <html lang="en" suppressHydrationWarning>
      <body>
        <Providers nonce={nonce}>{children}</Providers>
      </body>
    </html>
  );
}
