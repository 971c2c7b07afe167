/** Shows `label` while `work` runs, with the seconds that have passed: each second on a terminal, else every 15 seconds. */
export function showProgress<Result>(label: string, work: () => Promise<Result>): Promise<Result>;
