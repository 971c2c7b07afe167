/** A fact about a sign-in that makes it more likely to be somebody else's. */
export type SignInSignal = 'new_device' | 'failures_before';

export interface SignInFacts {
  /** The device was never used before, and the person has used others. */
  readonly isNewDevice: boolean;
  /** Attempts at the account since its last sign-in that came to nothing. */
  readonly failuresBefore: number;
}

/**
 * What an engine of risks answers to: the signals of a sign-in, which its event carries. It decides nothing here. It must be
 * quick, since a sign-in waits for it, and never fail.
 */
export type AssessSignIn = (facts: SignInFacts) => readonly SignInSignal[];

// One or two slips are a person's; from three on it looks like guessing.
const noteworthyFailures = 3;

/** The facts themselves, without any weighing. */
export const plainSignals: AssessSignIn = ({ isNewDevice, failuresBefore }) => [
  ...(isNewDevice ? (['new_device'] as const) : []),
  ...(failuresBefore >= noteworthyFailures ? (['failures_before'] as const) : []),
];
