type Teardown = () => Promise<void>;

/** jest loads set-up and teardown apart from each other: only the global object is common to both. */
const shared = globalThis as typeof globalThis & { yokeflowTeardowns?: Teardown[] };

/** Keeps what the run's end must undo. */
export function onTeardown(teardown: Teardown): void {
  (shared.yokeflowTeardowns ??= []).push(teardown);
}

/** Undoes everything, last first. */
export async function tearDownAll(): Promise<void> {
  for (const teardown of (shared.yokeflowTeardowns ?? []).splice(0).reverse()) await teardown();
}
