
/* Owns what the loader asks: the version of this file, and how wide the processor's vectors are. */

API U nbkit_fingerprint(void) { return FINGERPRINT; }

API int nbkit_vectors(void) {
#ifdef __x86_64__
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd"))
        return 4;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("fma")) return 3;
#endif
    return 0;
}
