const THIS_MACHINE = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/** Whether a host, as it stands in a URL, is the machine that this runs on: no proxy finds the way there. */
export const isThisMachine = (host: string): boolean => THIS_MACHINE.test(host);
