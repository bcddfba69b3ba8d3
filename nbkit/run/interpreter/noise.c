
/* Owns counts: drawn by table, where each 16 random bits choose an entry, or event by event, where each random word
   chooses a unit. Must not know instructions. */

/* Writes the counts of rows of units, which stand `stride` apart, one for each word; lists the places of those that their
   entry leaves open, and returns how many. */
API U nbkit_counts(const uint16_t *words, U rows, U units, const uint8_t *table, uint8_t *counts, U stride, I *places) {
    U open = 0;
    for (U i = 0; i < rows; i++, words += units, counts += stride)
        for (U j = 0; j < units; j += 64) {
            const U end = units - j < 64 ? units : j + 64;
            uint8_t any = 0;
            for (U k = j; k < end; k++) counts[k] = table[words[k]];
            for (U k = j; k < end; k++) any |= counts[k] == 255;
            if (any)
                for (U k = j; k < end; k++)
                    if (counts[k] == 255) places[open++] = (I)(i * units + k);
        }
    return open;
}

/* Lets `totals[i]` events fall onto the units of each row i, all alike; a word that would prefer some units is passed
   over. Returns how many fell: fewer than there are where words ran out. */
#define FALL(BITS, WORD, WIDER)                                                                                        \
    API U nbkit_fall_##BITS(                                                                                           \
        const WORD *words, U n, const I *totals, U rows, U units, uint8_t *counts, U stride) {                         \
        const WORD least = (WORD)(((U)1 << BITS) % units);                                                             \
        U next = 0, fallen = 0;                                                                                        \
        for (U i = 0; i < rows; i++, counts += stride)                                                                 \
            for (I k = 0; k < totals[i];) {                                                                            \
                if (next == n) return fallen;                                                                          \
                const WIDER product = (WIDER)words[next++] * (WIDER)units;                                             \
                const U kept = (WORD)product >= least;                                                                 \
                counts[product >> BITS] += (uint8_t)kept;                                                              \
                k += (I)kept;                                                                                          \
                fallen += kept;                                                                                        \
            }                                                                                                          \
        return fallen;                                                                                                 \
    }
FALL(16, uint16_t, uint32_t)
FALL(32, uint32_t, uint64_t)
