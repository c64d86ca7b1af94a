import { asObject, asString, isObject, type JsonObject, parseJson } from '../../json.ts';
import { badRequest, invalidParam, matrixError, notFound } from '../matrix-error.ts';

/** The filters the users uploaded (specification: "Filtering"). */
export class Filters {
  readonly #filters = new Map<string, JsonObject[]>();

  /** Keeps the filter; the same filter again has the same id. */
  add(userId: string, filter: JsonObject): string {
    const filters = this.#filters.get(userId) ?? [];
    this.#filters.set(userId, filters);
    const text = JSON.stringify(filter);
    const known = filters.findIndex((existing) => JSON.stringify(existing) === text);
    return String(known >= 0 ? known : filters.push(filter) - 1);
  }

  /** @throws MatrixError 404 `M_NOT_FOUND` if there is none of this id. */
  get(userId: string, id: string): JsonObject {
    if (!/^\d+$/.test(id)) throw badRequest('Invalid filter_id');
    const filter = this.#filters.get(userId)?.[Number(id)];
    if (filter === undefined) throw notFound('No such filter');
    return filter;
  }

  /** The filter that the query of a `/sync` names: JSON, an id, or none. */
  resolve(userId: string, query: string | null): JsonObject {
    if (query === null) return {};
    if (query.startsWith('{')) {
      const filter = parseJson(query);
      if (isObject(filter)) return filter;
      throw matrixError(400, 'M_NOT_JSON', 'Invalid filter JSON');
    }
    if (!/^\d+$/.test(query)) throw invalidParam('Invalid filter ID');
    const filter = this.#filters.get(userId)?.[Number(query)];
    if (filter === undefined) throw invalidParam('No such filter');
    return filter;
  }
}

/** A member of a filter that is a filter itself; an empty one if it is not there. */
export function part(filter: JsonObject, ...path: readonly string[]): JsonObject {
  let current: unknown = filter;
  for (const key of path) current = asObject(current)[key];
  return asObject(current);
}

function listed(list: unknown, value: string): boolean {
  return (
    Array.isArray(list) &&
    list.some((entry) => {
      const pattern = asString(entry) ?? '';
      if (!pattern.includes('*')) return pattern === value;
      const [start = '', ...rest] = pattern.split('*');
      return value.startsWith(start) && value.endsWith(rest.at(-1) ?? '');
    })
  );
}

/** Whether a `RoomEventFilter` or `EventFilter` lets this event through. */
export function allows(
  filter: JsonObject,
  event: { readonly type: string; readonly sender?: string; readonly roomId?: string },
): boolean {
  const checks = [
    ['types', 'not_types', event.type],
    ['senders', 'not_senders', event.sender],
    ['rooms', 'not_rooms', event.roomId],
  ] as const;
  return checks.every(
    ([only, not, value]) =>
      value === undefined ||
      ((filter[only] === undefined || listed(filter[only], value)) && !listed(filter[not], value)),
  );
}

/** Whether a `RoomFilter` lets this room through. */
export function allowsRoom(filter: JsonObject, roomId: string): boolean {
  return (
    (filter['rooms'] === undefined || listed(filter['rooms'], roomId)) && !listed(filter['not_rooms'], roomId)
  );
}
