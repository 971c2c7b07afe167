/**
 * The same object but for the members of `own`, for a library that is to be handed something a little different from what
 * there is. Its methods go on working on the object itself.
 */
export function overriding<T extends object>(target: T, own: Readonly<Record<string, unknown>>): T {
  return new Proxy(target, {
    get: (_, property) => {
      if (typeof property === 'string' && Object.hasOwn(own, property)) return own[property];
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
