import { tearDownAll } from './teardown-list';

/** Stops exactly the servers that the set-up of this run started. */
export default tearDownAll;
