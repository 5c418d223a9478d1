"""For every rule of design section 2 and each of its promises: the tests that fail when it is taken out."""

DECISIONS = "tests/unit/test_domain_decisions.py::"
RUNNING = "tests/unit/test_domain_running.py::"
OUTCOME = "tests/unit/test_domain_outcome.py::"
PLAN = "tests/unit/test_domain_plan.py::"
STATES = "tests/unit/test_domain_states.py::"
LEDGER = "tests/unit/test_domain_ledger.py::"
VERBS = "tests/properties/test_verbs_stories.py::"
RUNS = "tests/properties/test_runs_stories.py::"
GROUPS = "tests/properties/test_groups_stories.py::"
UNVERIFIABLE = "tests/properties/test_unverifiable_stories.py::"
AFTERWARDS = "tests/properties/test_afterwards_stories.py::"
HTTP_ACCOUNT = "tests/contracts/test_http_account.py::"
MACHINE = "tests/properties/test_verbs_machine.py::TestVerbs"
TAMPER = "tests/properties/test_ledger_properties.py::"
CAMPAIGN = "tests/contracts/test_activecampaign_system.py::"
DATABASE = "tests/contracts/test_database_erasure.py::"
STRANGERS = "tests/contracts/test_database_strangers.py::"
REACH = "tests/contracts/test_database_reach.py::"
SERVERS = "tests/contracts/test_database_servers.py::"
WORLDS = "tests/contracts/test_database_properties.py::"
RESIDUE = "tests/contracts/test_storage_residue.py::"
CARD = "tests/unit/test_views_card.py::"
CONVERSATION = "tests/unit/test_conversation.py::"
SLACK = "tests/unit/test_handlers_slack.py::"
EVERYWHERE = "tests/unit/test_handlers_everywhere.py::"
SCENES = "tests/scenarios/test_scenarios.py::test_the_scenario_ends_as_it_must"
FAULTS = "tests/faults/test_faults.py::test_the_fault_changes_nothing_about_the_end"
POSTGRES = "tests/contracts/test_runtime_on_postgres.py::test_a_story_ends_on_postgresql_as_it_must"
TEXTS = "tests/unit/test_texts_customer.py::"
LANGUAGES = "tests/unit/test_texts_languages.py::"
ANSWERING = "tests/properties/test_answering_stories.py::"
MAIL = "tests/contracts/test_email_channel.py::"
DISPATCHES = "tests/contracts/test_dispatches.py::"
PAGE = "tests/browser/test_customer_page.py::"
HELP_DESK = "tests/contracts/test_help_desk.py::"
HOLDING = "tests/unit/test_domain_holding.py::"
LAWS = "tests/properties/test_laws_properties.py::"
DEADLINES = "tests/properties/test_deadlines_properties.py::"

RULES: dict[int, dict[str, tuple[str, ...]]] = {
    1: {
        "no words make a case move by themselves": (SCENES,),
        "no text moves a case forward": (MACHINE,),
        "a reading confirms nothing but a clear account_only": (
            DECISIONS + "test_only_a_clear_message_confirms_account_only_by_itself",
        ),
    },
    2: {
        "an added address is proven in fields of its own": (
            EVERYWHERE + "test_an_added_address_is_proven_separately_and_nothing_typed_is_lost",
        ),
        "the approver sees reply, proof and warnings": (
            HTTP_ACCOUNT + "test_last_mile_warnings_reach_candidate_and_plan_and_a_hold_blocks",
            "tests/contracts/test_database_warned.py::test_a_warning_is_said_at_the_search_and_in_the_plan",
            CARD + "test_the_approver_sees_reply_proof_and_every_warning",
        ),
        "a new look-up voids what rested on the old choice": (
            DECISIONS + "test_looking_the_customer_up_anew_voids_what_rested_on_the_old_choice",
        ),
        "no run without answer, person, plan, decision and approval": (
            RUNNING + "test_a_run_begins_only_with_everything_on_record",
            STATES + "test_no_way_into_deleting_without",
            MACHINE,
        ),
        "a retry needs the approvals too": (
            RUNS + "test_no_retry_without_the_approvals_that_a_drift_has_voided",
            RUNNING + "test_a_retry_keeps_what_was_approved_and_a_case_never_approved_is_planned_anew",
        ),
        "the approver is somebody else than every recorder": (
            DECISIONS + "test_whoever_took_part_cannot_approve",
        ),
        "everything always needs an approval": (
            DECISIONS + "test_everything_always_needs_at_least_one_approval",
            DECISIONS + "test_one_agent_suffices_for_account_only_and_for_nothing_else",
        ),
        "events of another team are refused": (
            "tests/unit/test_slack_intake.py::test_an_event_for_another_team_is_refused",
        ),
        "authority is read from Slack, and in doubt nobody's": (
            "tests/scenarios/test_slack_people.py::test_a_group_that_cannot_be_read_grants_nothing",
            "tests/scenarios/test_slack_people.py::test_guests_outsiders_and_those_who_left_hold_no_role",
        ),
        "authority at click time by team and user": (
            DECISIONS + "test_authority_is_by_team_and_user",
            VERBS + "test_nobody_without_a_role_gets_anywhere",
        ),
        "whoever answers for the customer shows that they may": (
            HOLDING + "test_whoever_answers_for_the_customer_shows_that_they_may",
        ),
        "the answer follows a recorded question": (
            DECISIONS + "test_everything_needs_a_recorded_question_first",
            DECISIONS + "test_an_answer_is_later_quoted_and_proven",
        ),
        "the answer is quoted and its proof named": (
            DECISIONS + "test_an_answer_is_later_quoted_and_proven",
        ),
        "the customer's own answer counts once, on the newest question, with its proof": (
            ANSWERING + "test_the_answer_is_recorded_with_its_proof",
            ANSWERING + "test_it_counts_once",
            ANSWERING + "test_only_the_newest_question_and_only_in_time",
            ANSWERING + "test_buttons_belong_to_whoever_was_asked",
        ),
        "a link proves control of an address on file, and of no other": (
            ANSWERING + "test_only_an_address_on_file_is_asked",
            ANSWERING + "test_a_system_that_cannot_be_asked_leaves_it_open",
            ANSWERING + "test_the_identity_includes_the_confirmed_address",
        ),
        "an added address is proven separately": (
            VERBS + "test_an_address_without_proof_is_not_searched_for",
        ),
        "a wider wish after deletion began is a linked case": (
            DECISIONS + "test_once_something_was_deleted_scope_and_person_are_fixed",
            VERBS + "test_a_wish_after_deletion_began_is_a_linked_case",
        ),
    },
    3: {
        "no completion without ActiveCampaign verified": (
            RUNNING + "test_completion_needs_settled_outcomes_evidence_and_activecampaign",
            RUNNING + "test_everything_cannot_go_on_without_activecampaign",
            MACHINE,
        ),
        "archived copies included": (CAMPAIGN + "test_contacts_and_every_archived_copy_are_gone",),
        "not permitted waits": (CAMPAIGN + "test_without_admin_rights_nothing_is_half_deleted",),
        "not reachable waits": (CAMPAIGN + "test_down_is_retry_later_everywhere",),
        "not configured waits": (CAMPAIGN + "test_not_configured_stops_every_case",),
        "attesting the archive only where there is none, and before telling": (
            CAMPAIGN + "test_archives_none_is_refused_where_there_is_an_archive",
            CAMPAIGN + "test_an_account_without_an_archive_ends_by_hand",
            RUNS + "test_a_manual_step_at_activecampaign_waits_for_a_name_then_goes_on",
            RUNNING + "test_a_signed_archive_lets_the_case_go_on",
        ),
    },
    4: {
        "nobody fits is on record, and the case waits": (
            EVERYWHERE + "test_nobody_fits_is_put_on_record_and_the_case_waits",
        ),
        "a full scan reads what no map knows, every schema and every text": (
            "tests/unit/test_cli_data_map.py::test_a_full_scan_finds_what_the_map_does_not_know",
            "tests/contracts/test_data_map_on_schemas.py::test_another_schema_is_told_and_can_be_asked_for",
        ),
        "one address, one person: two rows or none are refused until they are named": (
            "tests/unit/test_cli_data_map.py::test_two_rows_are_refused_until_they_are_named",
            "tests/unit/test_cli_data_map.py::test_an_address_of_nobody_is_refused_with_what_was_found",
        ),
        "the request itself is no evidence": (
            RUNNING + "test_a_deleted_conversation_is_no_evidence_that_anything_was_held",
        ),
        "undecided matches stop the case": (
            DECISIONS + "test_undecided_matches_stop_the_case",
            VERBS + "test_a_system_that_could_not_be_searched_stops_the_case",
        ),
        "a spelling takes no stranger for the customer and hides no row of theirs": (
            STRANGERS + "test_a_name_with_letters_beyond_ascii_is_found",
            STRANGERS + "test_an_address_with_ss_is_not_the_one_with_a_sharp_s",
            STRANGERS + "test_blanks_after_an_address_hide_nothing",
            STRANGERS + "test_a_name_that_begins_like_a_token_is_no_token",
            STRANGERS + "test_keys_that_differ_by_case_only_on_mariadb",
        ),
        "several accounts are chosen one by one": (
            DATABASE + "test_several_accounts_are_proposed_one_by_one",
            VERBS + "test_an_address_that_is_somebody_elses_is_left_out",
            HTTP_ACCOUNT + "test_a_record_that_nobody_chose_stops_the_plan_and_the_run",
        ),
        "nothing found anywhere needs attention": (
            RUNNING + "test_where_a_case_goes_after_verification",
            RUNS + "test_nothing_found_anywhere_is_not_success",
        ),
        "nothing of theirs stays, nothing of anybody else's changes": (
            WORLDS + "test_whatever_the_schema_on_sqlite",
            WORLDS + "test_whatever_the_schema_on_postgresql",
            REACH + "test_a_row_shared_with_others_stays",
            REACH + "test_nothing_of_theirs_survives_in_any_mapped_column",
        ),
        "candidates are proposed and never used unasked": (
            REACH + "test_other_addresses_are_proposed_and_never_used",
        ),
        "no reference is overlooked": (
            SERVERS + "test_references_from_another_schema_are_never_overlooked",
            SERVERS + "test_foreign_keys_on_some_partitions_count_for_the_table",
        ),
        "an independent read decides": (
            CAMPAIGN + "test_verify_believes_no_execute",
            DATABASE + "test_verify_finds_what_execute_did_not_see",
            OUTCOME + "test_a_failed_read_replaces_what_was_believed",
            RUNS + "test_an_attestation_against_the_evidence_is_denied",
        ),
        "found 0 is a result of its own": (
            CAMPAIGN + "test_nothing_found_is_a_result_of_its_own",
            DATABASE + "test_nobody_is_nothing_found",
            OUTCOME + "test_finding_nothing_anywhere_removes_nothing",
        ),
    },
    5: {
        "fully removed only when everything is gone": (
            OUTCOME + "test_fully_removed_needs_every_system_gone",
            OUTCOME + "test_records_kept_inside_a_system_forbid_fully_removed",
            TEXTS + "test_everything_gone_is_never_said_with_something_kept",
            LANGUAGES + "test_is_plain_in_every_language",
            MACHINE,
        ),
        "an agent's own words claim nothing that was not verified": (
            ANSWERING + "test_a_greeting_cannot_claim_what_was_not_verified",
        ),
        "account closed only with proof": (RUNS + "test_a_closed_account_is_claimed_only_with_proof",),
        "the text names what was kept and why": (
            TEXTS + "test_the_partial_text_names_everything",
            LANGUAGES + "test_the_facts_of_the_closing_text_stand_in_every_language",
            RUNS + "test_everything_kept_is_named_to_the_customer",
        ),
        "never early": (
            RUNNING + "test_nobody_is_told_early_or_twice",
            STATES + "test_completed_comes_after_notifying_and_notifying_after_verifying",
        ),
        "what cannot be verified needs an approver's sign-off": (
            UNVERIFIABLE + "test_an_approver_signs_off_and_the_case_goes_on",
            UNVERIFIABLE + "test_nobody_else_may",
        ),
        "which outcomes block completion": (
            OUTCOME + "test_which_outcomes_settle_a_system",
            RUNNING + "test_completion_needs_settled_outcomes_evidence_and_activecampaign",
        ),
        "a manual step needs a name": (RUNNING + "test_a_named_person_signs_a_manual_step",),
        "completion needs evidence of telling": (
            RUNS + "test_a_delivery_without_a_text_is_no_evidence",
            RUNS + "test_everything_goes_well",
        ),
    },
    6: {
        "two runs of one erasure are one": (
            DATABASE + "test_two_runs_at_once_are_one",
            SERVERS + "test_a_deadlock_is_survived",
        ),
        "kill -9 anywhere ends the same": (SCENES, FAULTS, POSTGRES),
        "replays and stale clicks change nothing": (MACHINE,),
        "a customer is written to at most once for each intent": (
            DISPATCHES + "test_sent_once_with_its_link",
            DISPATCHES + "test_killed_while_sending_is_never_sent_again_by_itself",
            DISPATCHES + "test_two_senders_send_one_mail",
            HELP_DESK + "test_not_even_a_put_is_repeated",
        ),
        "opening a link decides nothing": (PAGE + "test_opening_changes_nothing",),
        "an uncertain message is a person's to send again": (
            MAIL + "test_every_ending_is_told_apart_and_names_nobody",
            ANSWERING + "test_an_uncertain_question_waits_for_a_persons_word",
        ),
        "a stale run executes and records nothing": (
            RUNNING + "test_a_stale_run_records_nothing",
            RUNS + "test_a_step_out_of_its_place_executes_nothing",
            MACHINE,
        ),
        "everything delivered thrice over two sockets is the same as once": (
            "tests/load/test_busy_channel.py::test_everything_delivered_thrice_and_shuffled_changes_nothing",
        ),
        "one winner in five hundred races of opposite answers": (
            "tests/load/test_opposite_answers.py::test_one_of_two_opposite_answers_wins_and_the_other_is_told_who",
        ),
        "one winner in a race": ("tests/contracts/test_storage_cases.py::test_one_winner_in_every_race",),
        "one case a message": ("tests/contracts/test_storage_cases.py::test_open_under_eight_threads",),
        "one delivery counts": (
            "tests/contracts/test_storage_inbox.py::test_one_of_eight_deliveries_is_new",
        ),
        "no second card": ("tests/contracts/test_storage_posts.py::test_one_sets_out",),
        "what was accepted is not asked for again": (
            RUNS + "test_what_was_accepted_is_read_and_not_asked_for_again",
        ),
        "execute may be repeated": (
            DATABASE + "test_the_second_run_changes_nothing",
            GROUPS + "test_a_repeated_group_runs_only_what_is_not_settled",
            CAMPAIGN + "test_killed_between_delete_and_purge",
        ),
        "a lost enqueue is made good": (RUNS + "test_a_run_is_enqueued_when_due_and_not_before",),
    },
    7: {
        "the conversation is in every plan, read and not believed": (
            CONVERSATION + "test_it_stands_in_every_plan_for_all_data",
            CONVERSATION + "test_only_a_read_makes_it_gone",
            CONVERSATION + "test_what_the_customer_wrote_elsewhere_is_part_of_the_conversation",
        ),
        "sources first, in order": (
            PLAN + "test_the_acting_systems_come_in_running_order",
            RUNS + "test_everything_goes_well",
            GROUPS + "test_systems_of_one_group_run_at_once_and_the_groups_in_order",
        ),
        "the channel of reply goes after the closing message, which says so": (
            AFTERWARDS + "test_the_channel_of_reply_goes_after_the_closing_message",
            AFTERWARDS + "test_what_the_desk_cannot_do_is_a_persons_to_do_and_to_prove",
        ),
        "the closing message says that the conversation goes": (
            TEXTS + "test_says_that_the_conversation_goes_after_it",
        ),
        "identifiers stay frozen until the end": (MACHINE,),
    },
    8: {
        "the hash binds the plan": (
            PLAN + "test_the_hash_binds_what_was_approved",
            DECISIONS + "test_an_approval_is_of_this_plan_typed_in_and_not_over_an_unread_message",
        ),
        "drift goes back to planning and approval": (
            PLAN + "test_what_counts_as_drift",
            RUNNING + "test_drift_voids_the_approvals_and_keeps_the_outcomes",
        ),
        "within the tolerance": (PLAN + "test_counts_may_move_within_the_tolerance",),
        "over what is not settled": (
            PLAN + "test_settled_systems_are_left_out_of_drift",
            RUNS + "test_records_erased_before_a_failed_read_are_no_drift",
        ),
        "a retry runs only what is unsettled": (
            RUNS + "test_a_down_system_waits_and_is_completed_by_a_retry",
        ),
        "proof never becomes nothing found": (
            OUTCOME + "test_proof_does_not_turn_into_nothing_found",
            OUTCOME + "test_proof_survives_a_read_that_failed_in_between",
            MACHINE,
        ),
        "only the approved pairs run": (DATABASE + "test_only_the_approved_pairs_run",),
    },
    9: {
        "drafts, plans and rehearsals show no value": (
            "tests/unit/test_cli_data_map.py::test_nothing_personal_is_printed",
            "tests/unit/test_database_signs.py::test_no_reason_quotes_a_value",
        ),
        "no trail in files, engine tables and logs": (
            SCENES,
            "tests/scenarios/test_checker.py::test_personal_data_and_a_broken_ledger_are_reported",
        ),
        "nothing of a shredded case is left": (RESIDUE + "test_nothing_of_a_shredded_case_is_left",),
        "a look-up outlives the case until the last recheck, and no longer": (
            "tests/contracts/test_storage_rechecks.py::test_nothing_is_left_after_the_last",
            "tests/properties/test_rechecks_stories.py::test_no_days_no_rechecks",
        ),
        "a recheck erases nothing and changes nothing in its case": (
            "tests/scenarios/test_rechecks.py::test_a_customer_who_came_back_is_a_card_for_a_person",
            "tests/properties/test_rechecks_stories.py::test_what_is_back_is_for_a_person",
            "tests/contracts/test_rechecks_engine.py::test_killed_while_looking_a_hit_opens_one_linked_case",
        ),
        "no value in logs and errors": (
            "tests/unit/test_storage_engine.py::test_values_stay_out_of_errors_and_logs",
            "tests/unit/test_transport_http.py::test_no_address_reaches_a_log_or_a_value",
            CAMPAIGN + "test_no_address_reaches_logs_outcomes_journal_or_errors",
        ),
        "buttons carry case and version only": (CARD + "test_buttons_carry_case_and_version_only",),
        "a receipt holds nothing personal": (
            "tests/unit/test_receipts.py::test_nothing_personal_is_on_a_receipt",
        ),
        "the full card has the words only while the case has them": (
            CARD + "test_the_full_card_has_the_words_only_while_the_case_has_them",
        ),
        "no words of the customer's on the card": (CARD + "test_no_card_shows_the_customers_words_or_name",),
        "the model sees placeholders": ("tests/unit/test_classifier_masking.py::test_hides_personal_data",),
        "a run's failure is told without its text": (RUNS + "test_a_bug_in_a_run_ends_with_a_person",),
        "the ledger shows every change": (
            TAMPER + "test_any_single_change_is_detected",
            LEDGER + "test_an_end_cut_off_shows_against_the_head",
            MACHINE,
        ),
        "the file outlives the case until its message is out": (
            RUNS + "test_a_refusal_waits_for_its_message_before_it_is_shredded",
        ),
    },
    10: {
        "half a command and a click that may not be are answered": (
            EVERYWHERE + "test_half_typed_input_gets_a_friendly_answer",
            EVERYWHERE + "test_an_outsider_gets_nothing_from_any_way_in",
        ),
        "a click is answered in time however busy the channel is": (
            "tests/load/test_busy_channel.py::test_two_hundred_messages_in_ten_seconds",
        ),
        "late, repeated and unknown clicks are answered": (
            SLACK + "test_a_button_of_an_older_card_is_answered",
            SLACK + "test_an_unknown_button_form_and_shortcut_are_answered",
            SLACK + "test_the_slower_of_two_agents_is_told_who_was_first",
        ),
        "the loser is told who was first": (VERBS + "test_who_was_faster_is_the_one_who_moved_the_case",),
        "the unauthorised are told, and recorded": (VERBS + "test_nobody_without_a_role_gets_anywhere",),
    },
    11: {
        "an account is not removed over a cascade from another schema": (
            STRANGERS + "test_an_account_is_not_removed_over_a_cascade_from_another_schema",
        ),
        "a wider wish beside an answer on record holds the case, it widens nothing": (
            ANSWERING + "test_an_answer_never_replaces_one_on_record",
        ),
        "a legal hold or dispute stops everything that leads to deleting": (
            HOLDING + "test_nothing_leads_towards_deleting_while_a_case_is_on_hold",
            HOLDING + "test_a_run_that_has_begun_stops_before_its_next_step",
            HOLDING + "test_only_an_approver_places_and_lifts_a_hold_and_the_ledger_says_so",
        ),
        "/deletion stop asks first, and only an operator releases": (
            SLACK + "test_the_brake_asks_first_and_only_an_operator_releases",
        ),
        "stop and withdrawal win before deleting": (
            RUNNING + "test_a_stop_voids_plan_and_approvals",
            STATES + "test_withdrawal_and_refusal_are_always_possible_before_deleting",
            MACHINE,
        ),
        "a new message pauses": (
            DECISIONS + "test_a_paused_case_goes_nowhere",
            RUNNING + "test_an_unread_message_holds_a_case_that_needs_attention",
            RUNS + "test_a_message_during_the_cooling_off_pauses_the_run",
        ),
        "cooling-off": (DECISIONS + "test_another_person_approves_and_the_cooling_off_begins", MACHINE),
        "a halt stops runs between steps": (
            GROUPS + "test_a_halt_while_a_group_runs_loses_no_outcome_and_starts_no_group",
            RUNNING + "test_a_run_begins_neither_halted_nor_observing",
            MACHINE,
        ),
        "observe deletes nothing": (RUNS + "test_observe_mode_stops_runs_that_were_approved_before", MACHINE),
        "too many rows or cases need another approval": (
            VERBS + "test_more_rows_or_cases_than_configured_need_another_approval",
            DECISIONS + "test_big_plans_need_two_different_people",
        ),
        "account_only deactivates; removal is refused where it cascades": (
            "tests/unit/test_accounts_sql.py::test_removal_is_refused_where_other_tables_would_be_touched",
        ),
        "counts elsewhere match before and after": (
            RUNS + "test_data_elsewhere_that_vanished_during_account_only_is_an_alarm",
            RUNS + "test_account_only_leaves_the_rest_alone_and_says_so",
        ),
    },
    12: {
        "silence moves nothing: an approver is told before the deadline": (
            "tests/unit/test_reminding.py::test_a_silent_customer_reaches_an_approver_before_the_deadline",
            "tests/unit/test_reminding.py::test_each_reminder_is_asked_for_once_and_moves_nothing",
        ),
        "the earliest law counts, and an extension counts from receipt": (
            DEADLINES + "test_the_earliest_law_is_never_missed",
            HOLDING + "test_an_extension_is_told_in_time_once_and_only_where_the_law_knows_it",
        ),
        "whichever laws a person names, the earliest counts, from the first message": (
            LAWS + "test_the_deadline_is_the_earliest_of_the_chosen_laws",
            LAWS + "test_more_laws_never_give_a_later_deadline",
            LAWS + "test_an_extension_is_never_stretched_by_another_law",
        ),
        "no scope is a default": (
            DECISIONS + "test_neither_scope_is_a_default",
            CARD + "test_no_choice_is_made_in_advance_in_any_form",
        ),
        "no scope is styled": (CARD + "test_neither_scope_is_styled_and_no_button_of_the_card_is_red",),
        "the question steers nobody": (TEXTS + "test_the_question_steers_nobody",),
        "the clock starts at the first message": (
            "tests/unit/test_domain_deadlines.py::test_one_month_ends_on_the_same_day_or_the_last",
            "tests/unit/test_domain_deadlines.py::test_an_unknown_jurisdiction_takes_the_earliest_deadline",
        ),
    },
}

# Promises that only the whole application can show. Their tests belong into RULES as soon as they exist.
STILL_TO_NAME: dict[int, tuple[str, ...]] = {}
