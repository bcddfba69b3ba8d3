
/* Owns counts drawn by table: each 16 random bits choose an entry. Must not know instructions. */

/* Writes the count of every word; lists the places of those that their entry leaves open, and returns how many. */
API U nbkit_counts(const uint16_t *words, U n, const uint8_t *table, uint8_t *counts, I *places) {
    U open = 0;
    for (U j = 0; j < n; j += 64) {
        const U end = n - j < 64 ? n : j + 64;
        uint8_t any = 0;
        for (U k = j; k < end; k++) counts[k] = table[words[k]];
        for (U k = j; k < end; k++) any |= counts[k] == 255;
        if (any)
            for (U k = j; k < end; k++)
                if (counts[k] == 255) places[open++] = (I)k;
    }
    return open;
}
