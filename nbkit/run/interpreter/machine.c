/* Owns the machine for one precision: the operations that the table of functions does not have, and the two loops.
   Must not know networks. `F` is the type of a number here, `T(x)` a name of this precision; an instruction is a row of
   ROW columns, each with a name.

   A target and three sources each have an offset into the memory, a stride for each step and one for each row of the base.
   OTHER is a second length, or the number of a source of spikes or of a table; X, Y and Z are addresses. */

/* a few rows of a product that are summed side by side, each in the order of its columns */
#define STRIP(WIDTH)                                                                                                   \
    for (; i + WIDTH <= n; i += WIDTH) {                                                                               \
        F sum[WIDTH] = {0};                                                                                            \
        for (U j = 0; j < m; j++) {                                                                                    \
            const F x = s[j];                                                                                          \
            const F *column = w + j * n + i;                                                                           \
            for (U k = 0; k < WIDTH; k++) sum[k] += column[k] * x;                                                     \
        }                                                                                                              \
        for (U k = 0; k < WIDTH; k++) d[i + k] = sum[k];                                                               \
    }

static void T(dense)(const T(Live) *l, Spikes *all) {
    F *RESTRICT d = l->d;
    const F *RESTRICT s = l->a;
    const F *RESTRICT w = (const F *)(uintptr_t)l->row[X]; /* by columns */
    const U n = l->n, m = l->row[OTHER];
    U i = 0, j = 0;
    (void)all;
    if (n < 16) {
        STRIP(8)
        STRIP(4)
        STRIP(2)
        STRIP(1)
        return;
    }
    for (; i < n; i++) d[i] = 0;
    for (; j + 4 <= m; j += 4, w += 4 * n) { /* four columns at a time */
        const F a = s[j], b = s[j + 1], c = s[j + 2], e = s[j + 3];
        for (i = 0; i < n; i++) d[i] += (w[i] * a + w[i + n] * b) + (w[i + 2 * n] * c + w[i + 3 * n] * e);
    }
    for (; j < m; j++, w += n)
        for (i = 0; i < n; i++) d[i] += w[i] * s[j];
}

static void T(uniform)(const T(Live) *l, Spikes *all) { /* one sum, in eight parts */
    const F *RESTRICT s = l->a;
    const F *RESTRICT w = (const F *)(uintptr_t)l->row[X];
    const U m = l->row[OTHER];
    F part[8] = {0, 0, 0, 0, 0, 0, 0, 0};
    U j = 0;
    (void)all;
    for (; j + 8 <= m; j += 8)
        for (U k = 0; k < 8; k++) part[k] += w[j + k] * s[j + k];
    for (U k = 0; j < m; j++, k++) part[k] += w[j] * s[j];
    l->d[0] = ((part[0] + part[1]) + (part[2] + part[3])) + ((part[4] + part[5]) + (part[6] + part[7]));
}

#define SPARSE(NAME, INDEX)                                                                                            \
    static void NAME(const T(Live) *l, Spikes *all) {                                                                  \
        F *RESTRICT d = l->d;                                                                                          \
        const F *RESTRICT s = l->a;                                                                                    \
        const F *RESTRICT w = (const F *)(uintptr_t)l->row[X];                                                        \
        const INDEX *columns = (const INDEX *)(uintptr_t)l->row[Y], *rows = (const INDEX *)(uintptr_t)l->row[Z];     \
        (void)all;                                                                                                     \
        for (U i = 0; i < l->n; i++) {                                                                                 \
            F sum = 0;                                                                                                 \
            for (INDEX e = rows[i]; e < rows[i + 1]; e++) sum += w[e] * s[columns[e]];                                 \
            d[i] = sum;                                                                                                \
        }                                                                                                              \
    }
SPARSE(T(sparse_32), int32_t)
SPARSE(T(sparse_64), int64_t)

/* ------------------------------------------------------------ spikes: OTHER is a source or a table */

/* notes the units for which TEST holds, which names a unit as j + k */
#define NOTE_SPIKES(TEST)                                                                                              \
    Source *s = all->sources + l->row[OTHER];                                                                          \
    const I begin = s->count;                                                                                          \
    I count = begin, *units = s->units;                                                                                \
    const U n = l->n;                                                                                                  \
    U j = 0;                                                                                                           \
    for (; j + 64 <= n; j += 64) { /* most stretches have none */                                                      \
        int any = 0;                                                                                                   \
        for (U k = 0; k < 64; k++) any |= TEST;                                                                        \
        if (any)                                                                                                       \
            for (U k = 0; k < 64; k++)                                                                                 \
                if (TEST) units[count++] = (I)(j + k);                                                                 \
    }                                                                                                                  \
    for (U k = 0; j + k < n; k++)                                                                                      \
        if (TEST) units[count++] = (I)(j + k);                                                                         \
    s->count = count;                                                                                                  \
    after_spikes(s, begin, all->step);

static void T(spike)(const T(Live) *l, Spikes *all) {
    const F *a = l->a;
    NOTE_SPIKES((a[j + k] != 0))
}

T_TESTS
/* the units that spiked now; BY is the stride of a value between units */
static void T(assign)(const T(Live) *l, Spikes *all) {
    I count;
    const I *units = fired_now(all->sources + l->row[OTHER], all->step, &count);
    for (I k = 0; k < count; k++) l->d[units[k]] = l->a[(U)units[k] * l->row[BY]];
}

static void T(increase)(const T(Live) *l, Spikes *all) {
    I count;
    const I *units = fired_now(all->sources + l->row[OTHER], all->step, &count);
    for (I k = 0; k < count; k++) l->d[units[k]] += l->a[(U)units[k] * l->row[BY]];
}

static void T(hold)(const T(Live) *l, Spikes *all) {
    const Source *s = all->sources + l->row[OTHER];
    if ((double)all->step >= s->busy) return;
    if (!s->alike) {
        for (U j = 0; j < l->n; j++)
            if (s->until[j] > (double)all->step) l->d[j] = l->a[j];
        return;
    }
    I last = all->step + s->at_end - s->low, first = last - s->longest;
    for (I k = s->starts[first < 0 ? 0 : first]; k < s->starts[last]; k++) l->d[s->units[k]] = l->a[s->units[k]];
}

static void T(arrive)(const T(Live) *l, Spikes *all) {
    const U by = l->row[BY];
    (void)all;
    for (U j = 0; j < l->n; j++) l->d[j] += l->a[j * by];
}

/* counts of this step, which stand OTHER apart for each step of a block, each times one weight */
static void T(arrive_counts)(const T(Live) *l, Spikes *all) {
    F *RESTRICT d = l->d;
    const uint8_t *RESTRICT counts =
        (const uint8_t *)(uintptr_t)l->row[X] + (U)all->inside * l->row[OTHER] + l->row[FIRST];
    const F weight = l->a[0];
    const U n = l->n;
    for (U j = 0; j < n; j++) d[j] += (F)counts[j] * weight;
}

/* columns of weights for these units between `first` and `first + size`; with an amount each, or null */
INLINE void T(add_columns)(const T(Live) *l, const I *units, I count, I first, I size, const F *amount, U by) {
    const F *RESTRICT w = (const F *)(uintptr_t)l->row[X];
    for (I k = 0; k < count; k++) {
        I unit = units[k] - first;
        if (unit < 0 || unit >= size) continue;
        const F *RESTRICT column = w + (U)unit * l->n;
        F *RESTRICT d = l->d;
        if (!amount)
            for (U i = 0; i < l->n; i++) d[i] += column[i];
        else {
            const F factor = amount[(U)unit * by];
            for (U i = 0; i < l->n; i++) d[i] += column[i] * factor;
        }
    }
}

#define ADD_ENTRIES(NAME, INDEX)                                                                                       \
    INLINE void NAME(const T(Live) *l, const I *units, I count, I first, I size, const F *amount, U by) {              \
        const F *w = (const F *)(uintptr_t)l->row[X];                                                                 \
        const INDEX *rows = (const INDEX *)(uintptr_t)l->row[Y], *begins = (const INDEX *)(uintptr_t)l->row[Z];      \
        for (I k = 0; k < count; k++) {                                                                                \
            I unit = units[k] - first;                                                                                 \
            if (unit < 0 || unit >= size) continue;                                                                    \
            for (INDEX e = begins[unit]; e < begins[unit + 1]; e++)                                                    \
                l->d[rows[e]] += amount ? w[e] * amount[(U)unit * by] : w[e];                                          \
        }                                                                                                              \
    }
ADD_ENTRIES(T(add_entries_32), int32_t)
ADD_ENTRIES(T(add_entries_64), int64_t)

/* one weight for all targets of a source, or (TWIN) one for each unit and its twin */
INLINE void T(add_alike)(const T(Live) *l, const I *units, I count, I first, I size, const F *amount, U by) {
    const F *w = (const F *)(uintptr_t)l->row[X];
    for (I k = 0; k < count; k++) {
        I unit = units[k] - first;
        if (unit < 0 || unit >= size) continue;
        const F bit = amount ? w[unit] * amount[(U)unit * by] : w[unit];
        if (l->row[TWIN]) l->d[unit] += bit;
        else
            for (U i = 0; i < l->n; i++) l->d[i] += bit;
    }
}

/* what was stamped DELAY steps before the next sample by the SIZE units from FIRST on */
#define DELIVER(NAME, ADD)                                                                                             \
    static void NAME(const T(Live) *l, Spikes *all) {                                                                  \
        I count;                                                                                                       \
        const I *units = fired(all->sources + l->row[OTHER], all->step + 1 - (I)l->row[DELAY], &count);                      \
        ADD(l, units, count, (I)l->row[FIRST], (I)l->row[SIZE], 0, 0);                                                      \
    }
DELIVER(T(deliver_dense), T(add_columns))
DELIVER(T(deliver_sparse_32), T(add_entries_32))
DELIVER(T(deliver_sparse_64), T(add_entries_64))
DELIVER(T(deliver_alike), T(add_alike))

#define FOLD(NAME, ADD)                                                                                                \
    static void NAME(const T(Live) *l, Spikes *all) {                                                                  \
        I count;                                                                                                       \
        const I *units = fired_now(all->sources + l->row[OTHER], all->step, &count);                                      \
        ADD(l, units, count, 0, (I)l->row[SIZE], l->a, l->row[BY]);                                                      \
    }
FOLD(T(fold_dense), T(add_columns))
FOLD(T(fold_sparse_32), T(add_entries_32))
FOLD(T(fold_sparse_64), T(add_entries_64))
FOLD(T(fold_alike), T(add_alike))

static void T(gather)(const T(Live) *l, Spikes *all) {
    Table *t = all->tables + l->row[OTHER];
    gather(t, all->sources + t->source, all->step);
}

static void T(synapses)(const T(Live) *l, Spikes *all) { /* a stretch of the sums, from FIRST on; it is emptied */
    const Table *t = all->tables + l->row[OTHER];
    F *RESTRICT d = l->d;
    if (!t->any) return;
    if (t->single) {
        float *RESTRICT sums = (float *)t->sums + l->row[FIRST];
        for (U j = 0; j < l->n; j++) {
            d[j] = (F)(d[j] + sums[j]);
            sums[j] = 0;
        }
    } else {
        double *RESTRICT sums = (double *)t->sums + l->row[FIRST];
        for (U j = 0; j < l->n; j++) {
            d[j] = (F)(d[j] + sums[j]);
            sums[j] = 0;
        }
    }
}

/* ------------------------------------------------------------ noise */

/* counts times a weight, into rows that stand `stride` apart; those of the counts stand `apart` */
API void T(scale)(const uint8_t *counts, U apart, U rows, U units, F weight, F *target, U stride) {
    for (U i = 0; i < rows; i++) {
        F *RESTRICT d = target + i * stride;
        const uint8_t *RESTRICT c = counts + i * apart;
        for (U j = 0; j < units; j++) d[j] = (F)c[j] * weight;
    }
}

/* ------------------------------------------------------------ the loops */

static void (*const T(KERNELS)[])(const T(Live) *, Spikes *) = {T_KERNELS};

static void T(ready)(T(Live) *live, F *memory, const U *row, U base, U step) {
    live->run = T(KERNELS)[row[OPERATION]];
    live->n = row[UNITS];
    live->d = memory + row[TARGET] + row[TARGET_BASE] * base + row[TARGET_STEP] * step;
    live->a = memory + row[A] + row[A_BASE] * base + row[A_STEP] * step;
    live->b = memory + row[B] + row[B_BASE] * base + row[B_STEP] * step;
    live->c = memory + row[C] + row[C_BASE] * base + row[C_STEP] * step;
    live->ds = row[TARGET_STEP];
    live->as = row[A_STEP];
    live->bs = row[B_STEP];
    live->cs = row[C_STEP];
    live->row = row;
}

INLINE void T(go)(T(Live) *l, Spikes *all) {
    l->run(l, all);
    l->d += l->ds;
    l->a += l->as;
    l->b += l->bs;
    l->c += l->cs;
}

API U T(live_size)(void) { return sizeof(T(Live)); }

/* Every instruction for all steps of a block, `tile` of them at a time; WHOLE ones have their rows one after the other. */
API void T(block)(F *memory, const U *code, U rows, T(Live) *live, U base, U block, U tile) {
    for (U i = 0; i < block; i += tile) {
        const U count = block - i < tile ? block - i : tile;
        for (U k = 0; k < rows; k++) {
            T(ready)(live, memory, code + k * ROW, base, i);
            if (live->row[WHOLE]) {
                live->n *= count;
                T(go)(live, 0);
            } else
                for (U j = 0; j < count; j++) T(go)(live, 0);
        }
    }
}

/* All instructions for one step after the other, from `begin` to `end` of a block whose step 0 has the number `first`.
   Returns the step that was reached: an earlier one than `end` where the lists of spikes have no room. */
API U T(steps)(F *memory, const U *code, U rows, T(Live) *live, U base, U begin, U end, U first, Spikes *all) {
    for (U k = 0; k < rows; k++) T(ready)(live + k, memory, code + k * ROW, base, begin);
    for (U i = begin; i < end; i++) {
        all->step = (I)(first + i);
        all->inside = (I)i;
        if (!has_room(all)) return i;
        for (U k = 0; k < rows; k++) T(go)(live + k, all);
    }
    return end;
}
