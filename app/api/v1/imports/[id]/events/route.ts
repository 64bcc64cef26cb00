import { receiveEvent } from '../../../../../../lib/imports/commands/receive.ts';
import { route, uuid } from '../../../../../../lib/shell/http.ts';

/** Where an MLflow server that is followed sends its webhooks. */
export const POST = route({
  policy: { command: 'imports.receive' },
  status: 202,
  handle: ({ run, params, headers, text }) =>
    run(receiveEvent, {
      id: uuid('import', params.id),
      deliveryId: headers.get('x-mlflow-delivery-id') ?? '',
      timestamp: headers.get('x-mlflow-timestamp') ?? '',
      signature: headers.get('x-mlflow-signature') ?? '',
      body: text(),
    }),
});
