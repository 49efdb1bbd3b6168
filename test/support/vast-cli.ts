// What the official Vast command-line client sends and how it reads the answers, for tests of a simulator as a process.
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';

export type Row = Record<string, unknown>;

/** An answer with its exact header; `json` is undefined where the body is none. */
export interface CliAnswer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly json: unknown;
}

/** Python's `quote_plus(json.dumps(value))`, as the client writes query values that are no strings. */
const quoted = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value).replaceAll(/(?<=[,:])(?=[^ ])/g, ' ');
  return encodeURIComponent(text).replaceAll('%20', '+').replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
};

/** A client of one simulator. */
export class VastCli {
  constructor(
    readonly url: string,
    readonly key: string,
  ) {}

  /** One request as the client makes it: bearer key, JSON body for everything but GET. */
  async call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, options: { readonly query?: Readonly<Record<string, unknown>>; readonly body?: unknown; readonly key?: string } = {}): Promise<CliAnswer> {
    const query = Object.entries(options.query ?? {}).map(([name, value]) => `${name}=${quoted(value)}`).join('&');
    const answer = await request(`${this.url}${path}${query === '' ? '' : `?${query}`}`, {
      method,
      headers: { authorization: `Bearer ${options.key ?? this.key}`, 'user-agent': 'vastai-cli/1.5.2', accept: '*/*', ...(method === 'GET' ? {} : { 'content-type': 'application/json' }) },
      body: method === 'GET' ? null : JSON.stringify(options.body ?? {}),
    });
    const text = await answer.body.text();
    const type = String(answer.headers['content-type']);
    return { status: answer.statusCode, type, text, json: type.startsWith('application/json') ? JSON.parse(text) : undefined };
  }

  /** A call that must go well; gives its JSON object. */
  async good(...args: Parameters<VastCli['call']>): Promise<Row> {
    const answer = await this.call(...args);
    if (answer.status !== 200) throw new Error(`${args[0]} ${args[1]}: ${answer.status} ${answer.text}`);
    return answer.json as Row;
  }

  /** `vastai show instance ID --raw`. */
  async show(id: number): Promise<Row | null> {
    return (await this.good('GET', `/api/v0/instances/${id}/`, { query: { owner: 'me' } }))['instances'] as Row | null;
  }

  /** Shows the instance until its container has the status, for a minute. */
  async until(id: number, status: string): Promise<Row> {
    for (const end = Date.now() + 60_000; ; await delay(300)) {
      const row = await this.show(id);
      if (row?.['actual_status'] === status) return row;
      if (Date.now() > end) throw new Error(`Instance ${id} is not ${status}: ${JSON.stringify(row)}`);
    }
  }

  /** Fetches a `result_url` as `vastai logs` does: no key, 30 tries 0.3 s apart; gives the statuses seen and the text. */
  async poll(resultUrl: string): Promise<{ readonly statuses: readonly number[]; readonly text: string }> {
    const statuses: number[] = [];
    for (let round = 0; round < 30; round += 1) {
      await delay(300);
      const answer = await request(resultUrl, { headers: { 'user-agent': 'vastai-cli/1.5.2' } });
      const text = await answer.body.text();
      statuses.push(answer.statusCode);
      if (answer.statusCode === 200) return { statuses, text };
    }
    throw new Error(`No log after ${statuses.length} tries: ${statuses.join(' ')}`);
  }
}

/** `vastai ssh-url ID`, computed from a row as the client does; `ports: null` breaks it there and throws here. */
export const sshUrl = (row: Row): string => {
  const ports = (row['ports'] === undefined ? {} : row['ports']) as Record<string, readonly { readonly HostPort: unknown }[]> | null;
  if (ports === null) throw new TypeError("'NoneType' object has no attribute 'get'");
  const direct = ports['22/tcp'];
  if (direct !== undefined) {
    const port = direct[0]?.HostPort;
    if (typeof port !== 'string' || !/^\d+$/.test(port)) throw new TypeError('HostPort is no number in a string');
    return `ssh://root@${String(row['public_ipaddr']).trim()}:${port}`;
  }
  const jupyter = String(row['image_runtype']).includes('jupyter') ? 1 : 0;
  return `ssh://root@${String(row['ssh_host'])}:${Number(row['ssh_port']) + jupyter}`;
};

/** Columns of the table that `vastai search offers` prints: each must be a number there. */
export const offerColumns = [
  'id', 'cuda_max_good', 'num_gpus', 'pcie_bw', 'cpu_ghz', 'cpu_cores_effective', 'cpu_ram', 'gpu_ram', 'disk_space', 'dph_total', 'dlperf', 'dlperf_per_dphtotal', 'score',
  'inet_up', 'inet_down', 'reliability', 'duration', 'machine_id', 'host_id', 'direct_port_count',
] as const;

/** Columns of the table of `vastai show instances` that are numbers while an instance runs. */
export const instanceColumns = ['id', 'machine_id', 'num_gpus', 'gpu_util', 'cpu_cores_effective', 'cpu_ram', 'disk_space', 'dph_total', 'inet_up', 'inet_down', 'reliability2', 'start_date', 'ssh_port'] as const;
