/* Owns what every printed kernel may call: phases of a block of threads, whole-number sums, random numbers.

   A kernel is written in phases. `EACH` runs what follows once for each thread of the block; `SYNC` ends a phase; what
   phases tell each other stands in `SHARED` arrays. So a compiler for the processor, which defines these three words in
   its own way, makes of the same text a program that does the same. Must not know programs. */

typedef long long I;
typedef unsigned long long U;
typedef unsigned int W;

#define THREADS 128
#define LANES 32

#ifndef EACH
#define KERNEL extern "C" __global__ void
#define DEVICE static __device__ __forceinline__
#define SHARED __shared__
#define SYNC __syncthreads();
#define EACH for (int thread = (int)threadIdx.x, once = 1; once; once = 0)
#endif

/* the smaller and the larger number as NumPy has them: what is not a number stays so */
template <typename T> DEVICE T least(T a, T b) { return a < b || a != a ? a : b; }
template <typename T> DEVICE T most(T a, T b) { return a > b || a != a ? a : b; }
template <typename T> DEVICE bool is_finite(T a) { return a - a == 0; }

/* ------------------------------------------------------------ sums that do not depend on their order */

DEVICE void add_whole(I *sum, double amount) { atomicAdd((U *)sum, (U)llrint(amount)); }
DEVICE void add_loose(I *sum, double amount) { atomicAdd((double *)sum, amount); }
DEVICE double whole_of(I sum, double unit) { return (double)sum * unit; }
DEVICE double loose_of(I sum, double unit) { return __longlong_as_double(sum) * unit; }

/* ------------------------------------------------------------ Philox4x32-10 */

struct Words { W x[4]; };

DEVICE Words philox(U key, U step, U unit) {
    W k0 = (W)key, k1 = (W)(key >> 32);
    W a = (W)step, b = (W)(step >> 32), c = (W)unit, d = (W)(unit >> 32);
    for (int round = 0; round < 10; round++) {
        U p = (U)0xD2511F53u * a, q = (U)0xCD9E8D57u * c;
        W e = (W)(q >> 32) ^ b ^ k0, f = (W)(p >> 32) ^ d ^ k1;
        b = (W)q;
        d = (W)p;
        a = e;
        c = f;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    Words made = {{a, b, c, d}};
    return made;
}

/* a number of 53 random bits, 0 <= u < 1 */
DEVICE double share(W high, W low) { return (double)((((U)high << 32) | low) >> 11) * 1.1102230246251565e-16; }

DEVICE double draw_uniform(U key, I step, I unit) {
    Words w = philox(key, (U)step, (U)unit);
    return share(w.x[0], w.x[1]);
}

DEVICE double draw_normal(U key, I step, I unit) {
    Words w = philox(key, (U)step, (U)unit);
    double radius = sqrt(-2.0 * log(1.0 - share(w.x[0], w.x[1])));
    return radius * cos(6.283185307179586 * share(w.x[2], w.x[3]));
}

/* a count by a table: below[i] is the probability of least + i or fewer; place holds where it begins, its length, least */
DEVICE double draw_count(U key, I step, I unit, const double *below, const I *place) {
    double u = draw_uniform(key, step, unit);
    I low = place[0], high = place[0] + place[1] - 1;
    while (low < high) {
        I middle = (low + high) / 2;
        if (u < below[middle]) high = middle; else low = middle + 1;
    }
    return (double)(low - place[0] + place[2]);
}
