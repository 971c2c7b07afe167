import { AppError, describeError } from '#kernel/app-error.ts';

const tooSlow = describeError({
  code: 'SUBSCRIPTION_TOO_SLOW',
  status: 429,
  message: 'The client reads events more slowly than they happen. Resume from the last cursor.',
  remedy: 'Subscribe again with `after` set to the cursor of the last event received: nothing is lost.',
});

export class SubscriptionTooSlowError extends AppError {
  constructor() {
    super(tooSlow);
  }
}
