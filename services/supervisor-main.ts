import { speakIntoTheVoid } from './supervision/speak-into-the-void';
import { supervise } from './supervisor';

speakIntoTheVoid();

void supervise(process.env, process.argv.includes('--worker')).then(
  // Connections that were being tried when the signal came may linger; everything is stopped by now.
  () => process.exit(),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
