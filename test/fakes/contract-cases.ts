// For each endpoint of the contract: which service answers it, with what, and an input that is right and one that is wrong.
import * as samples from './samples';

export interface ContractCase {
  /** The service's method, such as `offers.search`. */
  readonly service: string;
  /** What the service gives. */
  readonly gives: unknown;
  /** What the caller reads, where it is not what the service gave. */
  readonly reads?: unknown;
  readonly input?: Readonly<Record<string, unknown>>;
  readonly wrong?: { readonly input: Readonly<Record<string, unknown>>; readonly path: string };
  /** Answers without a session. */
  readonly open?: boolean;
  /** Over HTTP it is always `desktop_only`, before or in the service. */
  readonly windowOnly?: boolean;
  /** It answers with these bytes, not with JSON; `httpOnly`: over IPC it is always `http_only`. */
  readonly bytes?: { readonly text: string; readonly type: string; readonly httpOnly: boolean };
  /** A stream of these events. */
  readonly stream?: readonly unknown[];
}

const success = { success: true };
const session = { user: 'ana@example.com', token: 'secret-token' };
const credentials = { email: 'ana@example.com', password: 'correct horse' };
const byId = { id: 7 };
const wrongId = { input: { id: 'seven' }, path: 'id' };
const byOperation = { id: samples.operationId };
const wrongOperation = { input: { id: 'not-a-uuid' }, path: 'id' };

/** Bytes that can be read again and again. */
const chunks = (text: string): AsyncIterable<Uint8Array> => ({
  async *[Symbol.asyncIterator]() {
    yield await Promise.resolve(Buffer.from(text));
  },
});

const act = (service: string): ContractCase => ({ service, gives: samples.instanceWithOperation, input: byId, wrong: wrongId });

/** Keyed by the endpoint's place in the contract. */
export const contractCases: Readonly<Record<string, ContractCase>> = {
  'system.health': { service: 'health', gives: { status: 'ok', name: 'Dumont Cloud', version: '0.1.0', uptime_s: 3 }, open: true },
  'system.welcome': { service: 'accounts.welcome', gives: samples.welcome, open: true },
  'system.diagnostics': { service: 'diagnostics.report', gives: { file_name: 'report.txt', text: '# Report' } },
  'auth.register': { service: 'accounts.register', gives: session, input: credentials, wrong: { input: { ...credentials, password: 'short' }, path: 'password' }, open: true },
  'auth.login': {
    service: 'accounts.login', gives: session, reads: { ...success, ...session }, input: { username: 'ana@example.com', password: 'correct horse' },
    wrong: { input: { username: 'ana', password: 'x' }, path: 'username' }, open: true,
  },
  'auth.logout': { service: 'accounts.logout', gives: undefined, reads: success },
  'auth.me': { service: 'accounts.me', gives: { authenticated: true, user: 'ana@example.com', secret_store: 'vault' } },
  'auth.resume': { service: 'accounts.resume', gives: session, open: true, windowOnly: true },
  'instances.offers': { service: 'offers.search', gives: samples.offersPage, input: { gpu_name: 'RTX 4090', max_price: 1 }, wrong: { input: { limit: 0 }, path: 'limit' } },
  'instances.list': { service: 'instances.list', gives: { instances: [samples.instance], count: 1, as_of: samples.snapshot.time, stale: false }, input: { fresh: true }, wrong: { input: { fresh: 'perhaps' }, path: 'fresh' } },
  'instances.get': { service: 'instances.get', gives: samples.instance, input: byId, wrong: wrongId },
  'instances.create': {
    service: 'instances.create', gives: samples.instanceWithOperation, input: { offer_id: 31196032, disk_size: 100, label: 'my-gpu-instance' }, wrong: { input: { offer_id: 31196032, ports: ['8080:x'] }, path: 'ports.0' },
  },
  'instances.relabel': { service: 'instances.relabel', gives: samples.instance, input: { id: 7, label: 'new' }, wrong: { input: { id: 7, label: '' }, path: 'label' } },
  'instances.pause': { ...act('instances.pause'), input: { ...byId, snapshot_first: true }, wrong: { input: { ...byId, snapshot_first: 'perhaps' }, path: 'snapshot_first' } },
  'instances.resume': act('instances.resume'),
  'instances.destroy': { ...act('instances.destroy'), input: { ...byId, snapshot_first: false }, wrong: { input: { ...byId, snapshot_first: 1 }, path: 'snapshot_first' } },
  'instances.trustHostKey': {
    service: 'hostKeys.trust', gives: { instance_id: 7, fingerprint: `SHA256:${'b'.repeat(43)}` }, input: { ...byId, fingerprint: `SHA256:${'b'.repeat(43)}` }, wrong: { input: { ...byId, fingerprint: 'MD5:aa' }, path: 'fingerprint' },
  },
  'instances.logs': { service: 'instances.logs', gives: { lines: ['one', 'two'], truncated: false }, input: { id: 7, tail: 2 }, wrong: { input: { id: 7, tail: 0 }, path: 'tail' } },
  'instances.account': { service: 'instances.account', gives: samples.account },
  'operations.list': { service: 'operations.list', gives: { operations: [samples.operation], count: 1 }, input: { limit: 10, active: true }, wrong: { input: { limit: 501 }, path: 'limit' } },
  'operations.get': { service: 'operations.get', gives: { ...samples.operation, log: [samples.logLine] }, input: byOperation, wrong: wrongOperation },
  'operations.cancel': { service: 'operations.cancel', gives: samples.operation, input: byOperation, wrong: wrongOperation },
  'operations.answer': { service: 'operations.answer', gives: samples.operation, input: { ...byOperation, answer: 'wait' }, wrong: { input: { ...byOperation, answer: 'maybe' }, path: 'answer' } },
  'operations.follow': {
    service: 'operations.follow', gives: null, input: byOperation, wrong: wrongOperation, stream: [{ type: 'operation', operation: samples.operation }, { type: 'log', line: samples.logLine }],
  },
  'snapshots.list': { service: 'snapshots.list', gives: { snapshots: [samples.snapshot], count: 1 }, input: { instance_id: 7 }, wrong: { input: { instance_id: -1 }, path: 'instance_id' } },
  'snapshots.create': {
    service: 'snapshots.create', gives: samples.createdSnapshot, input: { instance_id: 7, source_path: '/workspace', tags: ['auto-backup'] }, wrong: { input: { instance_id: 7, tags: ['a,b'] }, path: 'tags.0' },
  },
  'snapshots.restore': {
    service: 'snapshots.restore', gives: samples.restoreResult, input: { snapshot_id: samples.snapshotId, instance_id: 7, target_path: '/workspace', verify: false }, wrong: { input: { snapshot_id: samples.snapshotId }, path: '' },
  },
  'proofs.rehearse': { service: 'proofs.rehearse', gives: samples.proof, input: { id: samples.snapshotId }, wrong: { input: { id: 'XYZ' }, path: 'id' } },
  'proofs.list': { service: 'proofs.listed', gives: { proofs: [samples.proof], count: 1 }, input: { snapshot_id: samples.snapshotId }, wrong: { input: { limit: 0 }, path: 'limit' } },
  'proofs.safety': { service: 'proofs.safety', gives: samples.safety, input: { id: 7 }, wrong: { input: { id: -1 }, path: 'id' } },
  'snapshots.remove': { service: 'snapshots.remove', gives: { success: true, snapshot_id: samples.snapshotId }, input: { id: samples.snapshotId }, wrong: { input: { id: 'XYZ' }, path: 'id' } },
  'repositories.list': { service: 'repositories.list', gives: { repositories: [samples.repositoryItem], count: 1 } },
  'repositories.create': {
    service: 'repositories.create', gives: samples.repositoryItem, input: { name: 'disk', location: '/mnt/disk', credentials: {}, make_default: false }, wrong: { input: { name: 'disk', location: '/mnt/disk', password: ' blank' }, path: 'password' },
  },
  'repositories.connect': {
    service: 'repositories.connect', gives: { kind: 'local', location: '/mnt/disk', exists: true, snapshot_count: 2, own_count: 1 }, input: { location: '/mnt/disk', credentials: {}, password: 'x' }, wrong: { input: { location: '/mnt/disk' }, path: 'password' },
  },
  'repositories.import': {
    service: 'repositories.import', gives: { repository: samples.repositoryItem, operation_id: samples.operationId, own: 1, foreign: 1 },
    input: { name: 'disk', location: '/mnt/disk', credentials: {}, password: 'x', make_default: false, wait: true }, wrong: { input: { name: 'a\tb', location: '/mnt/disk', password: 'x' }, path: 'name' },
  },
  'repositories.get': { service: 'repositories.get', gives: samples.repositoryDetail, input: { id: 'default' }, wrong: { input: { id: 'other' }, path: 'id' } },
  'repositories.change': { service: 'repositories.change', gives: samples.repositoryItem, input: { id: 'default', name: 'disk' }, wrong: { input: { id: 'default', is_default: false }, path: 'is_default' } },
  'repositories.remove': { service: 'repositories.remove', gives: { success: true, id: 'default', snapshots: 2 }, input: { id: 'default' }, wrong: { input: { id: 'other' }, path: 'id' } },
  'repositories.changePassword': { service: 'repositories.changePassword', gives: samples.repositoryItem, input: { id: 'default', password: 'correct horse' }, wrong: { input: { id: 'default' }, path: 'password' } },
  'repositories.recoveryKey': { service: 'repositories.recoveryKey', gives: { recovery_key: 'once', repository: '/data/repository' }, input: { id: 'default', password: 'correct horse' }, wrong: { input: { id: 'default' }, path: 'password' } },
  'repositories.statistics': {
    service: 'repositories.statistics', gives: { samples: [{ at: samples.snapshot.time, size_bytes: 1, uncompressed_bytes: null, snapshot_count: 1 }], count: 1 }, input: { id: 'default' }, wrong: { input: { id: 'x' }, path: 'id' },
  },
  'repositories.unlock': { service: 'repositories.unlock', gives: samples.repositoryDetail, input: { id: 'default' }, wrong: { input: { id: 'x' }, path: 'id' } },
  'repositories.repair': { service: 'repositories.repair', gives: { operation_id: samples.operationId }, input: { id: 'default' }, wrong: { input: { id: 'x' }, path: 'id' } },
  'snapshots.repository': { service: 'repositories.overview', gives: samples.repository },
  'sources.list': { service: 'sources.list', gives: { sources: [samples.source], count: 1, defaults: samples.source.options }, input: { instance_id: 7 }, wrong: { input: { instance_id: 0 }, path: 'instance_id' } },
  'sources.get': { service: 'sources.get', gives: samples.source, input: byOperation, wrong: wrongOperation },
  'sources.put': {
    service: 'sources.put', gives: samples.source, input: { instance_id: 7, options: { presets: { pip: false }, exclude: ['*.tmp'] } }, wrong: { input: { instance_id: 7, options: { bandwidth_kib_s: 1 } }, path: 'options.bandwidth_kib_s' },
  },
  'sources.preview': { service: 'sources.preview', gives: samples.sourcePreview, input: { instance_id: 7, options: { max_file_bytes: 1000 }, wait: true }, wrong: { input: { instance_id: 7, options: { max_file_bytes: 0 } }, path: 'options.max_file_bytes' } },
  'sources.previewed': { service: 'sources.previewed', gives: samples.sourcePreview, input: { operation_id: samples.operationId }, wrong: { input: { operation_id: 'x' }, path: 'operation_id' } },
  'sources.move': { service: 'sources.move', gives: samples.source, input: { ...byOperation, instance_id: 8 }, wrong: { input: { ...byOperation, instance_id: 'x' }, path: 'instance_id' } },
  'files.search': {
    service: 'files.search', gives: { results: [{ ...samples.snapshotFile, snapshot_id: samples.snapshotId, versions: 2, snapshots: 3 }], count: 1, total: 1, unread: 0, operation_id: null }, input: { q: 'train', limit: 5 }, wrong: { input: { q: 'x', limit: 0 }, path: 'limit' },
  },
  'files.list': {
    service: 'files.list', gives: { snapshot_id: samples.snapshotId, folder: { ...samples.snapshotFile, type: 'dir', entries: 1, files: 1 }, rows: [samples.snapshotFile], offset: 0, total: 1 },
    input: { id: samples.snapshotId, path: 'runs/7', sort: 'size', descending: true }, wrong: { input: { id: samples.snapshotId, sort: 'colour' }, path: 'sort' },
  },
  'files.versions': { service: 'files.versions', gives: { versions: [{ ...samples.snapshotFile, snapshot_ids: [samples.snapshotId] }], count: 1 }, input: { id: samples.snapshotId, path: 'a' }, wrong: { input: { id: 'XYZ', path: 'a' }, path: 'id' } },
  'files.diff': {
    service: 'files.diff',
    gives: {
      from: samples.snapshotId, to: samples.snapshotId, changes: [{ change: 'changed', file: samples.snapshotFile, size_before: 1, size_after: 2048 }], offset: 0, total: 1,
      added: { files: 0, bytes: 0 }, removed: { files: 0, bytes: 0 }, changed: { files: 1, bytes: 2048 }, attributes: { files: 0, bytes: 0 },
    },
    input: { id: samples.snapshotId, other: samples.snapshotId, limit: 10 }, wrong: { input: { id: samples.snapshotId, other: 'no' }, path: 'other' },
  },
  'files.preview': { service: 'files.preview', gives: { kind: 'text', file: samples.snapshotFile, text: 'hello', truncated: false }, input: { id: samples.snapshotId, path64: 'YQ==' }, wrong: { input: { id: samples.snapshotId, path64: '*' }, path: 'path64' } },
  'files.image': { service: 'files.image', gives: { bytes: Buffer.from('GIF89a'), mediaType: 'image/gif' }, bytes: { text: 'GIF89a', type: 'image/gif', httpOnly: false }, input: { id: samples.snapshotId, path: 'a.gif' }, wrong: { input: { id: 'no' }, path: 'id' } },
  'files.download': {
    service: 'files.download', gives: { name: 'a b', mediaType: 'application/octet-stream', content: chunks('hello') }, bytes: { text: 'hello', type: 'application/octet-stream', httpOnly: true }, input: { id: samples.snapshotId, path: 'a b' }, wrong: { input: { id: 'no' }, path: 'id' },
  },
  'files.archive': {
    service: 'files.archive', gives: { name: 'ab.tar', mediaType: 'application/x-tar', content: chunks('tar') }, bytes: { text: 'tar', type: 'application/x-tar', httpOnly: true }, input: { id: samples.snapshotId, paths: ['a', 'b'] }, wrong: { input: { id: samples.snapshotId, paths: [] }, path: 'paths' },
  },
  'schedules.list': { service: 'schedules.list', gives: { schedules: [samples.schedule], count: 1 }, input: { instance_id: 7 }, wrong: { input: { instance_id: -1 }, path: 'instance_id' } },
  'schedules.get': { service: 'schedules.get', gives: { ...samples.schedule, runs: [samples.scheduledRun] }, input: byOperation, wrong: wrongOperation },
  'schedules.create': {
    service: 'schedules.create', gives: samples.schedule, input: { instance_id: 7, timing: { type: 'every', minutes: 360 }, time_zone: 'UTC' }, wrong: { input: { instance_id: 7, timing: { type: 'every', minutes: 1 }, time_zone: 'UTC' }, path: 'timing.minutes' },
  },
  'schedules.update': { service: 'schedules.update', gives: samples.schedule, input: { ...byOperation, enabled: false }, wrong: { input: { ...byOperation, catch_up: 'perhaps' }, path: 'catch_up' } },
  'schedules.remove': { service: 'schedules.remove', gives: { success: true, id: samples.operationId }, input: byOperation, wrong: wrongOperation },
  'schedules.runNow': { service: 'schedules.runNow', gives: samples.schedule, input: byOperation, wrong: wrongOperation },
  'schedules.answer': { service: 'schedules.answer', gives: samples.schedule, input: { ...byOperation, answer: 'run' }, wrong: { input: { ...byOperation, answer: 'maybe' }, path: 'answer' } },
  'schedules.preview': {
    service: 'schedules.preview', gives: { next_runs: [samples.snapshot.time] }, input: { timing: { type: 'cron', pattern: '0 3 * * *' }, time_zone: 'Europe/Berlin' }, wrong: { input: { timing: { type: 'cron', pattern: '' }, time_zone: 'UTC' }, path: 'timing.pattern' },
  },
  'maintenance.get': { service: 'maintenance.get', gives: { repositories: [samples.upkeep] } },
  'maintenance.retention': { service: 'maintenance.retention', gives: { retention: [samples.retentionView] } },
  'maintenance.setRetention': {
    service: 'maintenance.setRetention', gives: samples.retentionView, input: { source_id: samples.operationId, policy: samples.retentionPolicy }, wrong: { input: { source_id: samples.operationId, policy: { last: -1 } }, path: 'policy.last' },
  },
  'maintenance.planRetention': { service: 'maintenance.planRetention', gives: samples.retentionPlan, input: { source_id: samples.operationId }, wrong: { input: { source_id: 'x' }, path: 'source_id' } },
  'maintenance.applyRetention': {
    service: 'maintenance.applyRetention', gives: { operation_id: samples.operationId }, input: { source_id: samples.operationId, token: 'abc' }, wrong: { input: { source_id: samples.operationId, token: '' }, path: 'token' },
  },
  'maintenance.prune': { service: 'maintenance.prune', gives: { operation_id: samples.operationId }, input: { max_repack_gb: 1 }, wrong: { input: { max_repack_gb: -1 }, path: 'max_repack_gb' } },
  'maintenance.check': { service: 'maintenance.check', gives: { operation_id: samples.operationId }, input: { read: 'part' }, wrong: { input: { read: 'half' }, path: 'read' } },
  'maintenance.pin': {
    service: 'maintenance.pin', gives: { snapshot_id: samples.snapshotId, pinned: true }, input: { snapshot_id: samples.snapshotId, pinned: true }, wrong: { input: { snapshot_id: 'abc', pinned: true }, path: 'snapshot_id' },
  },
  'settings.get': { service: 'settings.get', gives: samples.settingsView },
  'settings.put': { service: 'settings.put', gives: samples.settingsView, input: { settings: { theme: 'dark' } }, wrong: { input: { settings: { theme: 'pink' } }, path: 'settings.theme' } },
  'settings.recoveryKey': {
    service: 'repositories.recoveryKey', gives: { recovery_key: 'once', repository: '/data/repository' }, input: { password: 'correct horse' }, wrong: { input: {}, path: 'password' },
  },
  'events.watch': { service: 'events.watch', gives: null, stream: [{ type: 'alive' }, { type: 'hint', topic: 'instances', id: 7 }] },
  'notices.take': { service: 'notices.take', gives: { notices: [samples.notice], own: [`${samples.operationId}:still_loading`] }, input: { own: [samples.operationId, `${samples.operationId}:still_loading`] }, wrong: { input: { own: [''] }, path: 'own.0' } },
  'shell.pickFolder': { service: 'shell.pickFolder', gives: { folder: '/tmp/out' } },
  'shell.openExternal': { service: 'shell.openExternal', gives: undefined, reads: success, input: { url: 'https://cloud.vast.ai/billing/' }, wrong: { input: { url: '' }, path: 'url' } },
  'shell.openFolder': { service: 'shell.openFolder', gives: undefined, reads: success, input: { folder: '/tmp/out' }, wrong: { input: { folder: '' }, path: 'folder' } },
  'shell.dragOut': { service: 'shell.dragOut', gives: undefined, reads: success, input: { what: 'operation', id: samples.operationId }, wrong: { input: { what: 'operation', id: '../../etc/passwd' }, path: 'id' } },
  'shell.openedFile': { service: 'shell.openedFile', gives: { name: 'nightly.dumont-schedule', schedule: null, problem: 'link' }, input: { number: 1 }, wrong: { input: { number: 0 }, path: 'number' } },
  'shell.startsAtLogin': { service: 'shell.startsAtLogin', gives: { enabled: false } },
  'shell.commands': { service: 'shell.commands', gives: null, stream: [{ command: 'refresh' }, { command: 'palette' }] },
  'shell.updates': { service: 'shell.updates', gives: samples.updateState },
  'shell.update': { service: 'shell.update', gives: samples.updateState, input: { step: 'check' }, wrong: { input: { step: 'jump' }, path: 'step' } },
  'shell.startAtLogin': { service: 'shell.startAtLogin', gives: { enabled: true }, input: { enabled: true }, wrong: { input: { enabled: 'perhaps' }, path: 'enabled' } },
};
