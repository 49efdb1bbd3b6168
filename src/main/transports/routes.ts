// The contract's routes as a list: for telling a wrong method from a wrong address, and for tests that must not forget an endpoint.
import { traverseContractProcedures } from '@orpc/server';
import { contract } from '../../contract';

export interface Route {
  /** Where it stands in the contract, such as `instances.pause`. */
  readonly name: string;
  readonly method: string;
  /** As in OpenAPI: `/api/v1/instances/{id}`. */
  readonly path: string;
}

function collect(): Route[] {
  const found: Route[] = [];
  traverseContractProcedures({ router: contract, path: [] }, ({ contract: procedure, path }) => {
    const { method, path: address } = procedure['~orpc'].route;
    if (method === undefined || address === undefined) throw new Error(`the contract gives no method and path for ${path.join('.')}`);
    found.push({ name: path.join('.'), method, path: address });
  });
  return found;
}

/** Every endpoint of the contract. */
export const routes: readonly Route[] = collect();

const patterns = routes.map((route) => ({ method: route.method, pattern: new RegExp(`^${route.path.replaceAll('.', '\\.').replace(/\{[^}]+\}/g, '[^/]+')}$`) }));

/** The methods that an address answers; empty when there is no such address. */
export function methodsOf(path: string): readonly string[] {
  return patterns.filter((route) => route.pattern.test(path)).map((route) => route.method);
}
