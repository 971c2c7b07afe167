/** Two sign-ups confirmed one address at once. Never shown: the door of the loser says that its link is no good. */
export class EmailTakenError extends Error {
  constructor(options?: ErrorOptions) {
    super('the e-mail address has a user already', options);
    this.name = 'EmailTakenError';
  }
}
