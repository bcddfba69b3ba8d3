/* Owns the spikes of a run: who fired when, and the synapses through which spikes are on their way. Must not know
   instructions.

   A source keeps the units that fired in one list; `starts` tells where each stamp begins in it, from stamp `low` on.
   A table keeps the spikes on their way in the order of their cells, the last cell first. */

typedef struct {
    I size, at_end, alike, longest, low, count, capacity;
    I *units, *starts;
    const double *refractory;
    double *until;
    double busy;
} Source;

typedef struct {
    I source, first, units, delays, width, wide, single, count, capacity, any;
    const void *pointers;
    const int32_t *targets;
    const void *weights;
    void *sums;
    I *on_way, *stamps; /* units, counted from `first`, and stamps */
    const int32_t *longest; /* of each unit: its longest delay */
} Table;

typedef struct {
    Source *sources;
    Table *tables;
    I source_count, table_count, step, inside; /* `inside` counts steps from the beginning of the block */
} Spikes;

INLINE const I *fired(const Source *s, I stamp, I *count) {
    I k = stamp - s->low;
    *count = k < 0 ? 0 : s->starts[k + 1] - s->starts[k];
    return k < 0 ? s->units : s->units + s->starts[k];
}

INLINE const I *fired_now(const Source *s, I step, I *count) { return fired(s, step + s->at_end, count); }

static void after_spikes(Source *s, I begin, I step) {
    s->starts[step + s->at_end - s->low + 1] = s->count;
    if (s->count == begin || !s->longest) return;
    s->busy = (double)(step + 1 + s->longest);
    if (!s->alike)
        for (I k = begin; k < s->count; k++) s->until[s->units[k]] = (double)(step + 1) + s->refractory[s->units[k]];
}

/* Let the spikes stamped with this step set out, and drop those that have arrived wherever they go. */
static void set_out(Table *t, const Source *s, I step) {
    I kept = 0;
    for (I k = 0; k < t->count; k++)
        if (step - t->stamps[k] < t->longest[t->on_way[k]]) {
            t->on_way[kept] = t->on_way[k];
            t->stamps[kept++] = t->stamps[k];
        }
    I found, all = kept;
    const I *units = fired(s, step, &found);
    for (I k = 0; k < found; k++) all += units[k] >= t->first && units[k] < t->first + t->units;
    t->count = all;
    for (I k = 0, old = kept - 1, at = all - 1; at > old; k++) { /* the least unit goes to the end */
        I unit = units[k] - t->first;
        if (unit < 0 || unit >= t->units) continue;
        while (old >= 0 && t->on_way[old] < unit) {
            t->on_way[at] = t->on_way[old];
            t->stamps[at--] = t->stamps[old--];
        }
        t->on_way[at] = unit;
        t->stamps[at--] = step;
    }
}

INLINE I pointer(const Table *t, I cell) {
    return t->wide ? ((const I *)t->pointers)[cell] : ((const int32_t *)t->pointers)[cell];
}

INLINE const void *pointer_at(const Table *t, I cell) {
    return t->wide ? (const void *)((const I *)t->pointers + cell) : (const void *)((const int32_t *)t->pointers + cell);
}

/* the cell of a spike on its way that arrives at the end of a step */
INLINE I cell_of(const Table *t, I k, I step) { return t->on_way[k] * t->delays + step - t->stamps[k]; }

/* short cells lie far apart, so those to come are fetched ahead, a line of 16 entries at a time */
#define ADD_CELLS(NAME, W)                                                                                             \
    static void NAME(const Table *t, I step) {                                                                        \
        const W *weights = t->weights;                                                                                \
        const int32_t *targets = t->targets;                                                                          \
        W *sums = t->sums;                                                                                             \
        for (I k = 0; k < t->count; k++) {                                                                            \
            I cell = cell_of(t, k, step);                                                                              \
            if (k + 16 < t->count) __builtin_prefetch(pointer_at(t, cell_of(t, k + 16, step)));                        \
            if (k + 8 < t->count) {                                                                                    \
                const I ahead = cell_of(t, k + 8, step), last = pointer(t, ahead + 1);                                 \
                for (I e = pointer(t, ahead); e < last; e += 16) {                                                     \
                    __builtin_prefetch(targets + e);                                                                   \
                    __builtin_prefetch(weights + e);                                                                   \
                }                                                                                                      \
            }                                                                                                          \
            I end = pointer(t, cell + 1);                                                                             \
            for (I e = pointer(t, cell); e < end; e++) sums[targets[e]] += weights[e];                                 \
        }                                                                                                             \
    }
ADD_CELLS(add_cells_f32, float)
ADD_CELLS(add_cells_f64, double)

static void gather(Table *t, const Source *s, I step) {
    set_out(t, s, step);
    t->any = t->count > 0;
    if (!t->any) return;
    if (t->single) add_cells_f32(t, step);
    else add_cells_f64(t, step);
}

/* whether one more step has room for as many spikes as there are units */
static int has_room(const Spikes *all) {
    for (I k = 0; k < all->source_count; k++)
        if (all->sources[k].capacity - all->sources[k].count < all->sources[k].size) return 0;
    for (I k = 0; k < all->table_count; k++)
        if (all->tables[k].capacity - all->tables[k].count < all->tables[k].units) return 0;
    return 1;
}
