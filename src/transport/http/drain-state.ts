/** Whether this node is on its way out. Readiness and answers read it; draining sets it, once. */
export interface DrainState {
  isDraining(): boolean;
  begin(): void;
}

export function createDrainState(): DrainState {
  let draining = false;
  return {
    isDraining: () => draining,
    begin: () => {
      draining = true;
    },
  };
}
