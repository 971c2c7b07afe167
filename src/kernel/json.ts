/** What JSON can say (RFC 8259), and nothing that JSON.stringify would silently drop. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}
