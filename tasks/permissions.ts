/** Permissions that several kinds share. */

/** Permissions of kinds that load onnxruntime or sharp, which are native libraries. */
export const nativeLibraries = { ffi: true, env: true, sys: true } as const;
