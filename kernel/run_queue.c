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

/* Comparable: every urgent one lies above every priority, every visitor below. */
static uint64_t rank_of(const struct run_entity *entity)
{
	if (entity->urgent)
		return BIT(33);
	return entity->visits ? 0 : entity->priority + 1UL;
}

static bool is_present(const struct run_entity *entity)
{
	return entity->state != RUN_OFFLINE && entity->state != RUN_MOVING &&
	       !(entity->is_job && entity->state == RUN_BLOCKED);
}

enum where { BEHIND_EQUALS, BEFORE_EQUALS, AT_ITS_PLACE };

/* Places never fall from one equal to the next behind it. A visitor's is that at home. */
static void give_place(struct run_queue *queue, struct run_entity *entity, const struct list_node *at, enum where where)
{
	const struct run_entity *next = at != &queue->waiting ? container_of(at, struct run_entity, node) : NULL;

	if (entity->visits || where == AT_ITS_PLACE)
		return;
	if (where == BEHIND_EQUALS)
		entity->place = ++queue->last_place;
	else if (next != NULL && rank_of(next) == rank_of(entity))
		entity->place = min_u64(entity->place, next->place);
}

static bool is_before(const struct run_entity *entity, const struct run_entity *other, enum where where)
{
	uint64_t rank = rank_of(entity), other_rank = rank_of(other);

	if (rank != other_rank || where == BEHIND_EQUALS)
		return rank > other_rank;
	return where == BEFORE_EQUALS || entity->place < other->place;
}

static void insert(struct run_queue *queue, struct run_entity *entity, enum where where)
{
	struct list_node *at = queue->waiting.next;

	while (at != &queue->waiting && !is_before(entity, entity_of(at), where))
		at = at->next;
	give_place(queue, entity, at, where);
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

/* A payer that is on another pCPU is another lock's: what a job uses meanwhile, nobody pays. */
static bool owes_here(const struct run_entity *payer, const struct run_entity *job)
{
	return payer != job && __atomic_load_n(&payer->on_cpu, __ATOMIC_ACQUIRE) == job->on_cpu;
}

static void charge(struct run_queue *queue, uint64_t now_ticks)
{
	struct run_entity *current = queue->current, *payer;
	uint64_t used_ticks = now_ticks - queue->charged_ticks;

	if (current == NULL || !queue->is_timed)
		return;
	queue->charged_ticks = now_ticks;
	if (!current->visits)
		current->slice_used_ticks += used_ticks;
	payer = current->payer;
	if (owes_here(payer, current))
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
		insert(queue, entity, BEHIND_EQUALS);
	}
}

void run_queue_add(struct run_queue *queue, struct run_entity *entity)
{
	if (!is_present(entity))
		queue->nr_present++;
	if (entity->keeps_place) {
		entity->keeps_place = entity->visits;
		insert(queue, entity, AT_ITS_PLACE);
		return;
	}
	entity->slice_used_ticks = 0;
	insert(queue, entity, BEHIND_EQUALS);
}

/* From here on the other pCPU's lock is the one that guards it. */
static void change_cpu(struct run_entity *entity, uint32_t cpu)
{
	entity->visits = cpu != entity->home_cpu;
	entity->nr_moves++;
	__atomic_store_n(&entity->on_cpu, cpu, __ATOMIC_RELEASE);
}

void run_queue_leave(struct run_queue *queue, enum run_state state, uint64_t now_ticks)
{
	struct run_entity *entity = queue->current;

	charge(queue, now_ticks);
	queue->is_timed = false;
	entity->state = state;
	entity->urgent = false;
	entity->keeps_place = false;
	if (!is_present(entity))
		queue->nr_present--;
	queue->current = NULL;
	if (state == RUN_OFFLINE && entity->visits)
		change_cpu(entity, entity->home_cpu);
}

void run_queue_hurry(struct run_queue *queue, struct run_entity *entity)
{
	if (entity->urgent)
		return;
	entity->urgent = true;
	if (entity->state == RUN_RUNNABLE || entity->state == RUN_SPENT) {
		list_remove(&entity->node);
		insert(queue, entity, BEHIND_EQUALS);
	}
}

void run_queue_hold(struct run_entity *entity, bool held)
{
	entity->is_held = held;
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
			insert(queue, queue->current, slice_over ? BEHIND_EQUALS : BEFORE_EQUALS);
		queue->current = NULL;
		if (!pays_with_turn(head)) {
			head->state = RUN_RUNNING;
			queue->current = head;
			break;
		}
		insert(queue, head, BEHIND_EQUALS);
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

/* --- moves --- */

static bool is_offered(const struct run_queue *queue, const struct run_entity *entity)
{
	return entity->movable_to != 0 && !entity->visits && !entity->urgent && !entity->is_held &&
	       rank_of(entity) <= rank_of(queue->current);
}

uint64_t run_queue_offers(const struct run_queue *queue)
{
	uint64_t offers = 0;

	if (queue->current == NULL)
		return 0;
	for (struct list_node *at = queue->waiting.next; at != &queue->waiting; at = at->next) {
		if (is_offered(queue, entity_of(at)))
			offers |= entity_of(at)->movable_to;
	}
	return offers;
}

/* The first that one of these pCPUs may take, or, tied, could take later. */
static struct run_entity *first_offered(const struct run_queue *queue, uint64_t to_cpus, bool tied)
{
	if (queue->current == NULL)
		return NULL;
	for (struct list_node *at = queue->waiting.next; at != &queue->waiting; at = at->next) {
		struct run_entity *entity = entity_of(at);

		if (is_offered(queue, entity) && (entity->movable_to & to_cpus) != 0 &&
		    __atomic_load_n(&entity->tied, __ATOMIC_SEQ_CST) == tied)
			return entity;
	}
	return NULL;
}

uint64_t run_queue_takers(const struct run_queue *queue, uint64_t idle)
{
	uint64_t takers = 0;

	if (queue->current == NULL || idle == 0)
		return 0;
	for (struct list_node *at = queue->waiting.next; at != &queue->waiting; at = at->next) {
		struct run_entity *entity = entity_of(at);

		if (is_offered(queue, entity) && !__atomic_load_n(&entity->tied, __ATOMIC_SEQ_CST))
			takers |= entity->movable_to & idle;
	}
	return takers;
}

bool run_queue_has_tied(const struct run_queue *queue, unsigned int to_cpu)
{
	return first_offered(queue, BIT(to_cpu), true) != NULL;
}

static struct run_entity *take_out(struct run_queue *queue, struct run_entity *entity, uint32_t to_cpu)
{
	list_remove(&entity->node);
	queue->nr_present--;
	entity->state = RUN_MOVING;
	change_cpu(entity, to_cpu);
	return entity;
}

struct run_entity *run_queue_take(struct run_queue *queue, unsigned int to_cpu)
{
	struct run_entity *entity = first_offered(queue, BIT(to_cpu), false);

	if (entity == NULL)
		return NULL;
	entity->keeps_place = true;
	return take_out(queue, entity, to_cpu);
}

/* Visitors are behind all others; but not one that is urgent. */
static struct run_entity *last_visitor(const struct run_queue *queue)
{
	struct list_node *last = queue->waiting.prev;

	return last != &queue->waiting && rank_of(entity_of(last)) == 0 ? entity_of(last) : NULL;
}

bool run_queue_has_visitor(const struct run_queue *queue)
{
	return last_visitor(queue) != NULL;
}

struct run_entity *run_queue_send_home(struct run_queue *queue)
{
	struct run_entity *entity = last_visitor(queue);

	if (entity == NULL || queue->current == NULL || __atomic_load_n(&entity->tied, __ATOMIC_SEQ_CST))
		return NULL;
	return take_out(queue, entity, entity->home_cpu);
}
