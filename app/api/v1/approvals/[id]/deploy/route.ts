import { deploy } from '../../../../../../lib/deployments/commands/deploy.ts';
import { route } from '../../../../../../lib/shell/http.ts';

export const POST = route({
  policy: { command: 'deployments.deploy' },
  secret: true,
  handle: async ({ run, json, params }) => run(deploy, { ...(await json()), id: params.id }),
});
