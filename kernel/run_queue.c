/* Who runs next: see run_queue.h. */
#include "kernel/run_queue.h"

#include "lib/bits.h"

static struct run_entity *entity_of(struct list_node *node)
{
	return container_of(node, struct run_entity, node);
}

static struct run_entity *head_of(const struct run_queue *queue)
{
	return list_is_empty(&queue->waiting) ? NULL : entity_of(queue->waiting.next);
}

/* Comparable: every urgent one lies above every priority. */
static uint64_t rank_of(const struct run_entity *entity)
{
	return entity->urgent ? BIT(32) : entity->priority;
}

static bool is_present(const struct run_entity *entity)
{
	return entity->state != RUN_OFFLINE && !entity->is_held && !(entity->is_job && entity->state == RUN_BLOCKED);
}

/* After a change of its state, or of its hold; was: is_present() before. */
static void count_present(struct run_queue *queue, const struct run_entity *entity, bool was)
{
	bool is = is_present(entity);

	if (is && !was)
		queue->nr_present++;
	else if (was && !is)
		queue->nr_present--;
}

static void insert(struct run_queue *queue, struct run_entity *entity, bool before_equals)
{
	uint64_t rank = rank_of(entity);
	struct list_node *at;

	for (at = queue->waiting.next; at != &queue->waiting; at = at->next) {
		uint64_t other = rank_of(entity_of(at));

		if (other < rank || (before_equals && other == rank))
			break;
	}
	list_insert_before(at, &entity->node);
	entity->state = RUN_RUNNABLE;
	entity->wait_ends_ticks = 0;
}

void run_queue_init(struct run_queue *queue)
{
	*queue = (struct run_queue){ .patience_ends_ticks = RUN_QUEUE_NEVER };
	list_init(&queue->waiting);
	list_init(&queue->spent);
}

/* The budget is whole again with each period. Returns when the present one began. */
static uint64_t refill(struct run_entity *entity, uint64_t now_ticks)
{
	if (now_ticks >= entity->period_ends_ticks) {
		entity->period_ends_ticks = (now_ticks / entity->period_ticks + 1) * entity->period_ticks;
		entity->budget_left_ticks = entity->budget_ticks;
	}
	return entity->period_ends_ticks - entity->period_ticks;
}

/* What it has used of a period that is over is nobody's business any more. */
static void charge_budget(struct run_entity *entity, uint64_t used_ticks, uint64_t now_ticks)
{
	uint64_t in_period_ticks = now_ticks - refill(entity, now_ticks);

	if (used_ticks > in_period_ticks)
		used_ticks = in_period_ticks;
	if (used_ticks > entity->budget_left_ticks)
		used_ticks = entity->budget_left_ticks;
	entity->budget_left_ticks -= used_ticks;
}

static void charge(struct run_queue *queue, uint64_t now_ticks)
{
	struct run_entity *current = queue->current, *payer;
	uint64_t used_ticks = now_ticks - queue->charged_ticks;

	if (current == NULL || !queue->is_timed)
		return;
	queue->charged_ticks = now_ticks;
	current->slice_used_ticks += used_ticks;
	payer = current->payer;
	if (payer != current)
		payer->owed_ticks = min_u64(payer->owed_ticks + used_ticks, payer->slice_ticks);
	if (payer->budget_ticks != 0)
		charge_budget(payer, used_ticks, now_ticks);
}

/* Who has to stop is not. */
static bool is_limited(struct run_entity *entity)
{
	return entity->payer->budget_ticks != 0 && !entity->urgent;
}

/* May it run now? */
static inline bool has_budget(struct run_entity *entity, uint64_t now_ticks)
{
	if (entity->is_held)
		return entity->urgent;
	if (!is_limited(entity))
		return true;
	(void)refill(entity->payer, now_ticks);
	return entity->payer->budget_left_ticks != 0;
}

static void spend(struct run_queue *queue, struct run_entity *entity)
{
	list_add_tail(&queue->spent, &entity->node);
	entity->state = RUN_SPENT;
}

static void take_refilled(struct run_queue *queue, uint64_t now_ticks)
{
	struct list_node *at, *next;

	for (at = queue->spent.next; at != &queue->spent; at = next) {
		struct run_entity *entity = entity_of(at);

		next = at->next;
		if (!has_budget(entity, now_ticks))
			continue;
		list_remove(at);
		insert(queue, entity, false);
	}
}

void run_queue_add(struct run_queue *queue, struct run_entity *entity)
{
	bool was = is_present(entity);

	entity->slice_used_ticks = 0;
	insert(queue, entity, false);
	count_present(queue, entity, was);
}

void run_queue_leave(struct run_queue *queue, enum run_state state, uint64_t now_ticks)
{
	struct run_entity *entity = queue->current;
	bool was = is_present(entity);

	charge(queue, now_ticks);
	queue->is_timed = false;
	entity->state = state;
	entity->urgent = false;
	count_present(queue, entity, was);
	queue->current = NULL;
}

bool run_queue_yield(struct run_queue *queue)
{
	if (!queue->is_timed || !run_queue_is_contended(queue))
		return false;
	queue->current->slice_used_ticks = queue->current->slice_ticks;
	return true;
}

void run_queue_hurry(struct run_queue *queue, struct run_entity *entity)
{
	if (entity->urgent)
		return;
	entity->urgent = true;
	if (entity->state == RUN_RUNNABLE || entity->state == RUN_SPENT) {
		list_remove(&entity->node);
		insert(queue, entity, false);
	}
}

void run_queue_hold(struct run_queue *queue, struct run_entity *entity, bool held)
{
	bool was = is_present(entity);

	entity->is_held = held;
	count_present(queue, entity, was);
}

/* Whose patience is at its end is urgent; but nobody passes his budget by it. */
static void end_patience(struct run_queue *queue, uint64_t now_ticks)
{
	struct list_node *at, *next;

	if (now_ticks < queue->patience_ends_ticks)
		return;
	for (at = queue->waiting.next; at != &queue->waiting; at = next) {
		struct run_entity *entity = entity_of(at);

		next = at->next;
		if (entity->wait_ends_ticks == 0 || now_ticks < entity->wait_ends_ticks)
			continue;
		if (has_budget(entity, now_ticks)) {
			run_queue_hurry(queue, entity);
		} else {
			list_remove(at);
			spend(queue, entity);
		}
	}
}

/* Of all who wait. */
static void count_patience(struct run_queue *queue, uint64_t now_ticks)
{
	uint64_t first_ticks = RUN_QUEUE_NEVER;

	for (struct list_node *at = queue->waiting.next; at != &queue->waiting; at = at->next) {
		struct run_entity *entity = entity_of(at);

		if (entity->patience_ticks == 0 || entity->urgent)
			continue;
		if (entity->wait_ends_ticks == 0)
			entity->wait_ends_ticks = now_ticks + entity->patience_ticks;
		first_ticks = min_u64(first_ticks, entity->wait_ends_ticks);
	}
	queue->patience_ends_ticks = first_ticks;
}

static bool current_goes_on(const struct run_queue *queue, const struct run_entity *head, bool slice_over)
{
	const struct run_entity *current = queue->current;

	if (current == NULL)
		return false;
	if (head == NULL || rank_of(head) < rank_of(current))
		return true;
	return rank_of(head) == rank_of(current) && !slice_over;
}

/* The turn of the current one has ended: its next one will be a whole one. */
static bool end_slice(struct run_queue *queue)
{
	struct run_entity *current = queue->current;

	if (current == NULL || !queue->is_timed || current->slice_used_ticks < current->slice_ticks)
		return false;
	current->slice_used_ticks = 0;
	return true;
}

/* Its turn begins, less what it owes. Returns true when that was a whole one: it has had it. */
static bool pays_with_turn(struct run_entity *entity)
{
	if (entity->owed_ticks == 0)
		return false;
	entity->slice_used_ticks += entity->owed_ticks;
	entity->owed_ticks = 0;
	if (entity->slice_used_ticks < entity->slice_ticks)
		return false;
	entity->slice_used_ticks = 0;
	return true;
}

/* The head of those who may run; the others are put aside on the way. */
static struct run_entity *head_with_budget(struct run_queue *queue, uint64_t now_ticks)
{
	struct run_entity *head;

	while ((head = head_of(queue)) != NULL && !has_budget(head, now_ticks)) {
		list_remove(&head->node);
		spend(queue, head);
	}
	return head;
}

struct run_entity *run_queue_pick(struct run_queue *queue, uint64_t now_ticks)
{
	struct run_entity *head;
	bool slice_over;

	charge(queue, now_ticks);
	slice_over = end_slice(queue);
	end_patience(queue, now_ticks);
	take_refilled(queue, now_ticks);
	if (queue->current != NULL && !has_budget(queue->current, now_ticks)) {
		spend(queue, queue->current);
		queue->current = NULL;
	}
	while ((head = head_with_budget(queue, now_ticks)) != NULL && !current_goes_on(queue, head, slice_over)) {
		list_remove(&head->node);
		if (queue->current != NULL)
			insert(queue, queue->current, !slice_over);
		queue->current = NULL;
		if (!pays_with_turn(head)) {
			head->state = RUN_RUNNING;
			queue->current = head;
			break;
		}
		insert(queue, head, false);
	}
	return queue->current;
}

uint64_t run_queue_next_look(struct run_queue *queue, uint64_t now_ticks)
{
	struct run_entity *current = queue->current;
	struct run_entity *payer = current != NULL ? current->payer : NULL;
	bool contended = run_queue_is_contended(queue);
	uint64_t look_ticks;

	count_patience(queue, now_ticks);
	look_ticks = queue->patience_ends_ticks;
	if (!queue->is_timed)
		queue->charged_ticks = now_ticks;
	queue->is_timed = contended || (payer != NULL && payer->budget_ticks != 0);
	if (contended)
		look_ticks = min_u64(look_ticks, now_ticks + current->slice_ticks - current->slice_used_ticks);
	if (current != NULL && is_limited(current))
		look_ticks =
			min_u64(look_ticks, min_u64(now_ticks + payer->budget_left_ticks, payer->period_ends_ticks));
	for (struct list_node *at = queue->spent.next; at != &queue->spent; at = at->next) {
		if (!entity_of(at)->is_held)
			look_ticks = min_u64(look_ticks, entity_of(at)->payer->period_ends_ticks);
	}
	return look_ticks;
}

bool run_queue_is_changed_by(const struct run_queue *queue, const struct run_entity *added)
{
	return queue->current == NULL || added->is_job || rank_of(added) >= rank_of(queue->current);
}

bool run_queue_is_contended(const struct run_queue *queue)
{
	const struct run_entity *head = head_of(queue);

	if (head == NULL || queue->current == NULL)
		return false;
	return rank_of(head) == rank_of(queue->current);
}
