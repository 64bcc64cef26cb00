import dynamic from 'next/dynamic';
import { patiently } from './patiently.ts';

// A period without data is seldom looked at.
export const EmptyPeriod = dynamic(() => patiently(() => import('./empty-period.tsx')).then((m) => m.EmptyPeriod));
