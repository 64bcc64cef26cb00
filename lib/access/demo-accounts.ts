import type { Role } from './schema.ts';

export type DemoAccount = { email: string; name: string; roles: Role[]; about: string; password: string };

/** Known to everybody who reads this, hence only ever made in demo mode, on an embedded database that listens on loopback. */
const PASSWORD = 'plumbline-demo';

const ACCOUNTS: DemoAccount[] = [
  {
    email: 'product@demo.local',
    name: 'Paula Brandt',
    roles: ['product'],
    about: 'Product owner: sets goals and limits',
    password: PASSWORD,
  },
  {
    email: 'data@demo.local',
    name: 'Dario Keller',
    roles: ['data'],
    about: 'Data scientist: registers versions, sends data',
    password: PASSWORD,
  },
  {
    email: 'ops@demo.local',
    name: 'Olga Simon',
    roles: ['ops'],
    about: 'Operations: deploys and rolls back',
    password: PASSWORD,
  },
  {
    email: 'validator@demo.local',
    name: 'Viktor Lang',
    roles: ['validator'],
    about: 'Independent validator: signs for data',
    password: PASSWORD,
  },
  {
    email: 'viewer@demo.local',
    name: 'Vera Novak',
    roles: ['viewer'],
    about: 'Reads everything, changes nothing',
    password: PASSWORD,
  },
  {
    email: 'admin@demo.local',
    name: 'Ada Winter',
    roles: ['admin'],
    about: 'Administrator: people and tokens',
    password: PASSWORD,
  },
];

export const allDemoAccounts = (): DemoAccount[] => ACCOUNTS;

/** What the sign-in page may offer as buttons: nothing outside demo mode. */
export const demoAccounts = (): DemoAccount[] => (process.env.PLUMBLINE_DEMO === '1' ? ACCOUNTS : []);
