
/* Owns counts drawn by table: each 16 random bits choose an entry. Must not know instructions. */

/* Writes the count of every word; lists the places of those that their entry leaves open, and returns how many. */
API U nbkit_counts(const uint16_t *words, U n, const uint8_t *table, uint8_t *counts, I *places) {
    U open = 0;
    for (U j = 0; j < n; j++) {
        const uint8_t count = table[words[j]];
        counts[j] = count;
        places[open] = (I)j;
        open += count == 255;
    }
    return open;
}
