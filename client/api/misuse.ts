import { EXIT, UsageError } from '../cli/exit';
import { describeFailure } from '../cli/failure';

/** The same work, whose complaints about what a person has to change are all of one kind, whichever layer makes them. */
export function refusingMisuse<A extends unknown[], T>(
  work: (...args: A) => Promise<T>,
): (...args: A) => Promise<T> {
  return async (...args) => {
    try {
      return await work(...args);
    } catch (error) {
      const { code, message } = describeFailure(error);
      if (code !== EXIT.usage || message === null || error instanceof UsageError) throw error;
      throw new UsageError(message, { cause: error });
    }
  };
}
