/* Owns the functions of the interpreter: +, -, *, / and the bits of a number alone, so that every processor gives the
   same bits and every loop over units can be vectorised. Must not know programs.

   Each is within 2 units in the last place. `own_exp`, `own_log`, `own_sin` and the others below work on doubles; a
   program in single precision rounds their results. Coefficients were fitted at Chebyshev nodes with 60 digits. */

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

typedef int64_t I;
typedef uint64_t U;

#define RESTRICT restrict
#define INLINE static inline __attribute__((always_inline))
#ifdef _WIN32
#define API __declspec(dllexport)
#else
#define API __attribute__((visibility("default")))
#endif

/* the loop that follows has no order: what one unit writes no other unit reads */
#ifdef __clang__
#define EACH_ALONE _Pragma("clang loop vectorize(assume_safety)")
#else
#define EACH_ALONE _Pragma("GCC ivdep")
#endif

#define SHIFTER 6755399441055744.0 /* 1.5 * 2^52: adding it rounds to a whole number, which is then in the low bits */
#define ONE_BITS 0x3ff0000000000000LL
#define MANTISSA 0x000fffffffffffffLL
#define LOG2E 1.4426950408889634
#define LN2_HIGH 0.6931471805598903 /* 42 bits: times a whole number below 2^11 it is exact */
#define LN2_LOW 5.497923018708371e-14

INLINE I bits(double x) { I b; memcpy(&b, &x, 8); return b; }
INLINE double number(I b) { double x; memcpy(&x, &b, 8); return x; }

/* 2^k for a whole k between -1022 and 1023, given as k + SHIFTER */
INLINE double power_of_two(double shifted) { return number((I)((U)bits(shifted) << 52) + ONE_BITS); }

/* (e^r - 1 - r)/r^2 for |r| <= ln(2)/2 */
INLINE double exp_rest(double r) {
    double q = 2.09147553258932e-09;
    q = q * r + 2.5105312729622103e-08;
    q = q * r + 2.755727347871858e-07;
    q = q * r + 2.755725517000089e-06;
    q = q * r + 2.480158732567746e-05;
    q = q * r + 0.0001984126987500228;
    q = q * r + 0.0013888888888883711;
    q = q * r + 0.008333333333326084;
    q = q * r + 0.04166666666666667;
    q = q * r + 0.1666666666666667;
    return q * r + 0.5;
}

/* e^(x + tail): k = round(x/ln 2), then 2^k in two factors, so that results below 2^-1022 are rounded once */
INLINE double exp_of_sum(double x, double tail) {
    double y = x < -746.0 ? -746.0 : x;
    y = y > 710.0 ? 710.0 : y;
    double k = (y * LOG2E + SHIFTER) - SHIFTER;
    double r = (y - k * LN2_HIGH) - (k * LN2_LOW - tail);
    double p = 1.0 + (r + r * r * exp_rest(r));
    double half = k * 0.5 + SHIFTER;
    double rest = (k - (half - SHIFTER)) + SHIFTER;
    return p * power_of_two(half) * power_of_two(rest);
}

INLINE double own_exp(double x) { return exp_of_sum(x, 0.0); }

/* e^x - 1 as a sum of two numbers */
INLINE double expm1_parts(double x, double *rest) {
    double y = x < -50.0 ? -50.0 : x;
    y = y > 710.0 ? 710.0 : y;
    double k = (y * LOG2E + SHIFTER) - SHIFTER;
    double high = y - k * LN2_HIGH, low = k * LN2_LOW;
    double r = high - low;
    double lost = (high - r) - low;
    double s = power_of_two((k - 1.0) + SHIFTER); /* half of 2^k, which may be too large */
    double top = s - 0.5, part = s * r;
    double sum = top + part;
    *rest = 2.0 * ((part - (sum - top)) + s * (r * r * exp_rest(r) + lost));
    return 2.0 * sum;
}

INLINE double own_expm1(double x) {
    double rest, e = expm1_parts(x, &rest);
    return e + rest;
}

/* (e^2x - 1)/(e^2x + 1), with what the roundings on the way lost */
INLINE double own_tanh(double x) {
    double a = x < 0.0 ? -x : x;
    double rest, high = expm1_parts(2.0 * (a > 22.0 ? 22.0 : a), &rest);
    double e = high + rest, e_lost = (high - e) + rest;
    double d = e + 2.0, back = d - e;
    double d_lost = ((e - (d - back)) + (2.0 - back)) + e_lost;
    double q = e / d;
    double t = q + (e_lost - q * d_lost) / d;
    return x < 0.0 ? -t : t;
}

/* x = 2^k m with m between sqrt(1/2) and sqrt(2), for positive normal x */
INLINE double split(double x, double *k) {
    U b = (U)bits(x) + (U)(ONE_BITS - 0x3fe6a09e667f3bcdLL);
    *k = number((I)((b >> 52) | 0x4330000000000000ULL)) - (4503599627370496.0 + 1023.0);
    return number((I)((b & MANTISSA) + 0x3fe6a09e667f3bcdULL));
}

/* (2 atanh(s) - 2 s - 2/3 s^3)/s^5 with z = s^2, for m between sqrt(1/2) and sqrt(2) */
INLINE double log_rest(double z) {
    double t = 0.11724327060846747;
    t = t * z + 0.11706126464563398;
    t = t * z + 0.1333480879881234;
    t = t * z + 0.1538459488700718;
    t = t * z + 0.18181818336099848;
    t = t * z + 0.22222222221652765;
    t = t * z + 0.2857142857142937;
    return t * z + 0.4;
}

INLINE double own_log(double x) {
    double small = x < DBL_MIN ? 1.0 : 0.0;
    double k, m = split(small > 0.0 ? x * 18014398509481984.0 : x, &k); /* 2^54 */
    k -= 54.0 * small;
    double f = m - 1.0, s = f / (2.0 + f), z = s * s, h = 0.5 * f * f;
    double rest = z * (0.6666666666666666 + z * log_rest(z));
    double y = k * LN2_HIGH + (f - (h - (s * (h + rest) + k * LN2_LOW)));
    y = x > DBL_MAX ? x : y;
    y = x == 0.0 ? -INFINITY : y;
    return x >= 0.0 ? y : NAN;
}

INLINE double own_log1p(double x) {
    double u = 1.0 + x;
    double lost = x < 1.0 ? x - (u - 1.0) : 1.0 - (u - x);
    double share = u > 0.0 && u <= DBL_MAX ? lost / u : 0.0;
    return own_log(u) + share;
}

/* ------------------------------------------------------------ sine and cosine */

#define FAR 1000000.0 /* beyond it the C library works out the angle */

INLINE double sine_of(double x, double quarter) {
    double shifted = x * 0.6366197723675814 + SHIFTER, k = shifted - SHIFTER;
    double w = x - k * 1.5707963267341256; /* 33 bits: exact */
    double p = k * 6.077100506303966e-11;
    double high = w - p;
    double low = ((w - high) - p) - k * 2.0222662487959506e-21;
    double r = high + low;
    double tail = (high - r) + low;
    double z = r * r;
    double s = -7.586576648405261e-13;
    s = s * z + 1.6058529573291737e-10;
    s = s * z - 2.5052106219528367e-08;
    s = s * z + 2.7557319219301936e-06;
    s = s * z - 0.00019841269841265017;
    s = s * z + 0.008333333333333331;
    s = s * z - 0.16666666666666666;
    s = r + (r * z * s + tail);
    double c = -1.1382456865840483e-11;
    c = c * z + 2.0876143829213935e-09;
    c = c * z - 2.755731726001471e-07;
    c = c * z + 2.480158729874308e-05;
    c = c * z - 0.0013888888888887382;
    c = c * z + 0.041666666666666664;
    double half = 0.5 * z, one = 1.0 - half;
    c = one + (((1.0 - one) - half) + (z * z * c - r * tail));
    I turn = bits(shifted + quarter);
    double y = (turn & 1) ? c : s;
    return (turn & 2) ? -y : y;
}

INLINE double near_sin(double x) { return sine_of(x, 0.0); }
INLINE double near_cos(double x) { return sine_of(x, 1.0); }
INLINE int far_sin(double x) { return !(x >= -FAR && x <= FAR); }
INLINE int far_cos(double x) { return far_sin(x); }

/* ------------------------------------------------------------ powers */

/* the product of two numbers and what its rounding lost; neither may be above 2^995 */
INLINE double product(double a, double b, double *lost) {
    double p = a * b, x = a * 134217729.0, y = b * 134217729.0;
    double ah = x - (x - a), bh = y - (y - b), al = a - ah, bl = b - bh;
    *lost = ((ah * bh - p) + ah * bl + al * bh) + al * bl;
    return p;
}

/* x^y = e^(y log x) with the logarithm to about 64 bits, for x > 0 */
INLINE double near_pow(double x, double y) {
    double small = x < DBL_MIN ? 1.0 : 0.0;
    double k, m = split(small > 0.0 ? x * 18014398509481984.0 : x, &k);
    k -= 54.0 * small;
    double f = m - 1.0, g = 2.0 + f, g_low = f - (g - 2.0);
    double lost, s = f / g, p = product(s, g, &lost);
    double s_low = (((f - p) - lost) - s * g_low) / g;
    double z_low, z = product(s, s, &z_low);
    z_low += 2.0 * s * s_low;
    double cube_low, cube = product(s, z, &cube_low);
    cube_low += s * z_low + s_low * z;
    double third_low, third = product(cube, 0.6666666666666666, &third_low);
    third_low += cube * 3.700743415417188e-17 + cube_low * 0.6666666666666666;
    double twice = 2.0 * s, main = twice + third;
    double rest = ((twice - main) + third) + (2.0 * s_low + third_low + s * z * z * log_rest(z));
    double whole = k * LN2_HIGH, high = whole + main;
    double low = (k == 0.0 ? 0.0 : (whole - high) + main) + (rest + k * LN2_LOW);
    double a = y > 1e20 ? 1e20 : y; /* more changes nothing */
    a = a < -1e20 ? -1e20 : a;
    double up_low, up = product(a, high, &up_low);
    up_low = up < 800.0 && up > -800.0 ? up_low + a * low : 0.0;
    return exp_of_sum(up, up_low);
}

INLINE int far_pow(double x, double y) { return !(x > 0.0 && x <= DBL_MAX) | (y != y); }

/* ------------------------------------------------------------ the rest, by the names of the table */

INLINE double own_sqrt(double x) { return sqrt(x); }
INLINE double own_fabs(double x) { return fabs(x); }
INLINE double own_fmin(double a, double b) { return a < b || a != a ? a : b; }
INLINE double own_fmax(double a, double b) { return a > b || a != a ? a : b; }
INLINE double own_tan(double x) { return tan(x); }
INLINE double own_atan(double x) { return atan(x); }
INLINE double own_sinh(double x) { return sinh(x); }
INLINE double own_cosh(double x) { return cosh(x); }
