-- The trail is append-only for every role, the application's own included.
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the table % is append-only', tg_table_name;
end $$;
--> statement-breakpoint
create trigger audit_events_append_only before update or delete on audit_events
  for each row execute function refuse_change();
--> statement-breakpoint
create trigger audit_events_no_truncate before truncate on audit_events
  for each statement execute function refuse_change();
--> statement-breakpoint
create sequence outbox_positions;
--> statement-breakpoint
insert into environments (name, serving_alias) values ('production', 'champion'), ('staging', 'staging');
--> statement-breakpoint
insert into workspace (id, name, timezone, currency) values (1, 'Workspace', 'UTC', 'EUR');
