// Logs and `execute`: results that are uploaded a little later to an address of their own.
import { ApiError, noSuchInstance } from '../api-error';
import { isObject, textOf } from '../filters';
import type { InstanceRecord } from '../instance-record';
import { idParam, type Call, type Reply, type Route } from '../route';

const defaultDelayS = 1.5;
const mostCommand = 512;
const writeablePath = '/var/lib/docker/overlay2/simulated/merged';

const readyAt = (call: Call): number => call.world.clock.now() + (call.world.faults.get().logs_delay ?? defaultDelayS);

const instanceOf = (call: Call): InstanceRecord => {
  const record = call.world.living(idParam(call));
  if (!record) throw noSuchInstance(idParam(call));
  return record;
};

const requestLogs = async (call: Call): Promise<Reply> => {
  const record = call.world.living(idParam(call));
  if (!record) throw new ApiError(404, 'invalid_id', `Instance ${idParam(call)} not found.`);
  const body = isObject(call.body) ? call.body : {};
  const wanted = typeof body['filter'] === 'string' ? body['filter'] : '';
  const daemon = textOf(body['daemon_logs']) === 'true';
  const lines = (daemon ? `daemon: container C.${record.id} ${record.actual ?? 'created'}\ndaemon: ${record.message ?? ''}\n` : await call.hosts.log(record))
    .split('\n')
    .filter((line, index, all) => (index < all.length - 1 || line !== '') && line.includes(wanted));
  const tail = Math.max(0, Math.trunc(Number(body['tail'] ?? 1000)) || 0);
  const text = tail === 0 ? '' : lines.slice(-tail).map((line) => `${line}\r\n`).join('');
  return { json: { success: true, result_url: `${call.baseUrl}${call.logs.put(text, readyAt(call))}`, msg: 'Logs are being uploaded.' } };
};

const execute = async (call: Call): Promise<Reply> => {
  const record = instanceOf(call);
  const command = isObject(call.body) ? call.body['command'] : undefined;
  if (typeof command !== 'string' || command.length > mostCommand) throw new ApiError(400, 'invalid_args', `command must be a string of at most ${mostCommand} characters`);
  const words = command.trim().split(/\s+/);
  if (words[0] !== 'ls' && words[0] !== 'du') throw new ApiError(400, 'invalid_args', 'Only ls and du can be run on a simulated host.');
  const url = `${call.baseUrl}${call.logs.put(await call.hosts.list(record, words), readyAt(call))}`;
  return { json: { success: true, writeable_path: writeablePath, result_url: url, msg: 'Command is running.' } };
};

const notThere = '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>\n';

const fetchResult = (call: Call): Reply => {
  const text = call.logs.get(call.params[0] ?? '', call.world.clock.now());
  return text === null ? { status: 404, text: notThere, type: 'application/xml' } : { status: 200, text, type: 'text/plain' };
};

/** Log and execute routes. */
export const outputRoutes: readonly Route[] = [
  { method: 'PUT', path: '/api/v0/instances/request_logs/{id}/', handle: requestLogs },
  { method: 'PUT', path: '/api/v0/instances/command/{id}/', interval: 1.5, handle: execute },
  { method: 'GET', path: '/instance_logs/{name}', open: true, handle: fetchResult },
];
