// SPDX-License-Identifier: Apache-2.0
/* Messages between the two sides of the plan. */
#include "../tap.h"
#include "base/own.h"
#include "container/peer.h"

#include <sys/socket.h>

static void pair_of(int ret[2])
{
    struct error why;

    if (peer_make(ret, &why) < 0) {
        printf("Bail out! %s\n", why.text);
        exit(1);
    }
}

static void an_error_arrives_whole(void)
{
    int pair[2];
    struct error sent;
    struct message got;

    pair_of(pair);
    (void)fail(&sent, ENOENT, "open /x");
    (void)fail_at(&sent, "mounts[%d]", 4);
    (void)fail_hint(&sent, "make it");
    (void)fail_code(&sent, ERROR_SPEC);
    ok(peer_send(pair[0], MESSAGE_FAILED, 7, &sent) == 0, "an error is sent");
    is_int(peer_receive(pair[1], &got), 1, "and received");
    is_int(got.kind, MESSAGE_FAILED, "its kind arrives");
    is_int(got.step, 7, "its step arrives");
    is_int(got.why.number, ENOENT, "its errno arrives");
    is_int(got.why.code, ERROR_SPEC, "its code arrives");
    is_str(got.why.text, "open /x", "its text arrives");
    is_str(got.why.pointer, "mounts[4]", "its pointer arrives");
    is_str(got.why.hint, "make it", "its hint arrives");
    close_fd(&pair[0]);
    close_fd(&pair[1]);
}

static void the_end_is_told_from_a_message(void)
{
    int pair[2];
    struct message got;

    pair_of(pair);
    (void)peer_send(pair[0], MESSAGE_DONE, 3, NULL);
    close_fd(&pair[0]);
    is_int(peer_receive(pair[1], &got), 1, "what was said before the end is read");
    is_int(got.step, 3, "with its step");
    is_int(peer_receive(pair[1], &got), 0, "then comes the end");
    close_fd(&pair[1]);
}

/* A side that dies with words of ours unread resets the connection, and what it said last was lost
 * (seen with exec). */
static void last_words_survive_a_reset(void)
{
    int pair[2];
    struct error sent;
    struct message got;

    pair_of(pair);
    (void)fail(&sent, EIO, "last words");
    (void)peer_send(pair[1], MESSAGE_DONE, 1, NULL);
    (void)peer_send(pair[0], MESSAGE_FAILED, 2, &sent);
    close_fd(&pair[0]);
    is_int(peer_receive(pair[1], &got), 1, "last words survive a reset");
    is_str(got.why.text, "last words", "unharmed");
    close_fd(&pair[1]);
}

/* A container that got hold of the INIT of an exec must not get further by what that says. */
static void a_hostile_side_says_nothing_harmful(void)
{
    int pair[2];
    struct error sent;
    struct message got;

    pair_of(pair);
    (void)fail(&sent, EIO, "no");
    memcpy(sent.text, "a\033b", 4);
    memcpy(sent.hint, "c\nd", 4);
    (void)peer_send(pair[0], MESSAGE_FAILED, 2, &sent);
    is_int(peer_receive(pair[1], &got), 1, "an error with control characters is received");
    is_str(got.why.text, "a?b", "without them");
    is_str(got.why.hint, "c?d", "also in its hint");
    sent.code = (enum error_code)9999;
    (void)peer_send(pair[0], MESSAGE_FAILED, 2, &sent);
    is_int(peer_receive(pair[1], &got), -1, "a code that is none is refused");
    close_fd(&pair[0]);
    close_fd(&pair[1]);
}

static void foreign_messages_are_refused(void)
{
    int pair[2];
    struct message got;
    uint32_t kind_of_nothing[2] = { 99, 0 };

    pair_of(pair);
    (void)send(pair[0], "x", 1, 0);
    is_int(peer_receive(pair[1], &got), -1, "a short message is refused");
    is_int(errno, EPROTO, "as a breach of protocol");
    (void)send(pair[0], kind_of_nothing, sizeof kind_of_nothing, 0);
    is_int(peer_receive(pair[1], &got), -1, "an unknown kind is refused");
    (void)peer_send(pair[0], MESSAGE_FAILED, 1, NULL);
    is_int(peer_receive(pair[1], &got), -1, "a failure without an error is refused");
    close_fd(&pair[0]);
    is_int(peer_send(pair[1], MESSAGE_GO, 0, NULL), -1,
           "nothing is sent to the dead, and no signal comes");
    close_fd(&pair[1]);
}

int main(void)
{
    an_error_arrives_whole();
    the_end_is_told_from_a_message();
    last_words_survive_a_reset();
    a_hostile_side_says_nothing_harmful();
    foreign_messages_are_refused();
    return done_testing();
}
