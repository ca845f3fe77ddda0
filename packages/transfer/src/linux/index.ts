/** Linux system calls through the optional dependency `koffi`. */
export { type LinuxCalls, loadLinuxCalls } from "./calls.js";
export {
  AT_FDCWD,
  O_CLOEXEC,
  O_PATH,
  RESOLVE_BENEATH,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
} from "./constants.js";
export {
  type ArgumentType,
  bindRequired,
  type Library,
  loadLibrary,
  type NativeFunction,
  type ResultType,
} from "./library.js";
export { PathArgument } from "./path-argument.js";
export { toDeviceNumber } from "./stat.js";
