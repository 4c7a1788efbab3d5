/** A service that cannot be used; the message is one line that ends with what to do next. */
export class ServicesError extends Error {
  override readonly name: string = 'ServicesError';
  constructor(
    readonly problem: string,
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(`${problem}: ${remedy}`, options);
  }
}

/** A setting whose value cannot be used. */
export class SettingsError extends ServicesError {
  override readonly name = 'SettingsError';
}
