"""Why a task found no place, in a sentence for the person who will be asked."""
