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
	return entity->state != RUN_OFFLINE && !(entity->is_job && entity->state == RUN_BLOCKED);
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
}

void run_queue_init(struct run_queue *queue)
{
	*queue = (struct run_queue){ .current = NULL };
	list_init(&queue->waiting);
}

void run_queue_add(struct run_queue *queue, struct run_entity *entity)
{
	if (!is_present(entity))
		queue->nr_present++;
	entity->slice_used_ticks = 0;
	insert(queue, entity, false);
}

void run_queue_leave(struct run_queue *queue, enum run_state state)
{
	struct run_entity *entity = queue->current;

	entity->state = state;
	entity->urgent = false;
	if (!is_present(entity))
		queue->nr_present--;
	queue->current = NULL;
}

void run_queue_hurry(struct run_queue *queue, struct run_entity *entity)
{
	if (entity->urgent)
		return;
	entity->urgent = true;
	if (entity->state == RUN_RUNNABLE) {
		list_remove(&entity->node);
		insert(queue, entity, false);
	}
}

/* There are few: the console's and the monitor's. */
static struct run_entity *first_impatient(const struct run_queue *queue)
{
	for (struct list_node *at = queue->waiting.next; at != &queue->waiting; at = at->next) {
		if (entity_of(at)->impatient)
			return entity_of(at);
	}
	return NULL;
}

static bool current_goes_on(const struct run_queue *queue, const struct run_entity *head)
{
	const struct run_entity *current = queue->current;

	if (current == NULL)
		return false;
	if (head == NULL || rank_of(head) < rank_of(current))
		return true;
	return rank_of(head) == rank_of(current) && !queue->slice_over;
}

struct run_entity *run_queue_pick(struct run_queue *queue)
{
	struct run_entity *impatient = first_impatient(queue), *head;

	if (queue->slice_over && queue->current != NULL)
		queue->current->slice_used_ticks = 0;
	if (queue->slice_over && impatient != NULL)
		run_queue_hurry(queue, impatient);
	head = head_of(queue);
	if (head == NULL || current_goes_on(queue, head))
		return queue->current;
	list_remove(&head->node);
	if (queue->current != NULL)
		insert(queue, queue->current, !queue->slice_over);
	head->state = RUN_RUNNING;
	queue->current = head;
	return head;
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
	return rank_of(head) == rank_of(queue->current) || first_impatient(queue) != NULL;
}
