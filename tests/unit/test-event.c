/* The mailbox between threads: in order, complete, and nobody waits longer than asked. */
#include "unit/base.h"

#include <pthread.h>
#include <unistd.h>

#include "base/clock.h"
#include "core/event.h"

enum { POSTERS = 4, LETTERS = 2000 };

static void first_in_is_first_out(void **state)
{
    struct mailbox *m = mailbox_new();
    struct event e;

    (void)state;
    for (int round = 0; round < 2; round++) { /* also after it was empty once */
        mailbox_post(m, "one", true, json_pack("{s:i}", "n", 1));
        mailbox_post(m, "two", false, json_object());
        assert_true(mailbox_take(m, 0, &e));
        assert_string_equal(e.kind, "one");
        assert_true(e.evidence);
        assert_int_equal(json_int_at(e.body, "n"), 1);
        json_decref(e.body);
        assert_true(mailbox_take(m, 1000, &e));
        assert_string_equal(e.kind, "two");
        assert_false(e.evidence);
        json_decref(e.body);
        assert_false(mailbox_take(m, 0, &e));
    }
    mailbox_free(m);
}

static void an_empty_box_waits_as_asked(void **state)
{
    struct mailbox *m = mailbox_new();
    struct event e = { .kind = "untouched" };
    int64_t begin = clock_mono_ms();

    (void)state;
    assert_false(mailbox_take(m, 50, &e));
    assert_true(clock_mono_ms() - begin >= 50);
    assert_string_equal(e.kind, "untouched");
    mailbox_free(m);
    mailbox_free(NULL);
}

/* What was never taken is freed with the box: the sanitizer would tell. */
static void letters_go_with_the_box(void **state)
{
    struct mailbox *m = mailbox_new();

    (void)state;
    for (int i = 0; i < 3; i++)
        mailbox_post(m, "late", true, json_pack("{s:s}", "text", "never read"));
    mailbox_free(m);
}

static void *post_later(void *arg)
{
    usleep(20 * 1000);
    mailbox_post(arg, "late", false, json_object());
    return NULL;
}

static void a_letter_ends_the_wait(void **state)
{
    struct mailbox *m = mailbox_new();
    struct event e;
    pthread_t t;
    int64_t begin = clock_mono_ms();

    (void)state;
    assert_int_equal(pthread_create(&t, NULL, post_later, m), 0);
    assert_true(mailbox_take(m, 60 * 1000, &e));
    assert_true(clock_mono_ms() - begin < 30 * 1000);
    json_decref(e.body);
    pthread_join(t, NULL);
    mailbox_free(m);
}

struct poster {
    struct mailbox *m;
    int number;
};

static void *post_many(void *arg)
{
    const struct poster *p = arg;

    for (int i = 0; i < LETTERS; i++)
        mailbox_post(p->m, "n", i % 2, json_pack("{s:i, s:i}", "from", p->number, "n", i));
    return NULL;
}

static void many_threads_lose_nothing(void **state)
{
    struct mailbox *m = mailbox_new();
    struct poster posters[POSTERS];
    pthread_t threads[POSTERS];
    int next[POSTERS] = { 0 };
    struct event e;

    (void)state;
    for (int i = 0; i < POSTERS; i++) {
        posters[i] = (struct poster){ m, i };
        assert_int_equal(pthread_create(&threads[i], NULL, post_many, &posters[i]), 0);
    }
    for (int i = 0; i < POSTERS * LETTERS; i++) {
        assert_true(mailbox_take(m, 60 * 1000, &e));
        int from = (int)json_int_at(e.body, "from");
        assert_in_range(from, 0, POSTERS - 1);
        assert_int_equal(json_int_at(e.body, "n"), next[from]++); /* each in its own order */
        json_decref(e.body);
    }
    for (int i = 0; i < POSTERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(next[i], LETTERS);
    }
    assert_false(mailbox_take(m, 0, &e));
    mailbox_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_in_is_first_out),     cmocka_unit_test(an_empty_box_waits_as_asked),
        cmocka_unit_test(letters_go_with_the_box),   cmocka_unit_test(a_letter_ends_the_wait),
        cmocka_unit_test(many_threads_lose_nothing),
    };

    return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
