CREATE TABLE "data_contracts" (
	"model_id" uuid NOT NULL,
	"model_version" integer NOT NULL,
	"version" integer NOT NULL,
	"reference_id" uuid NOT NULL,
	"contract" jsonb NOT NULL,
	"reason" text NOT NULL,
	"created_by" text NOT NULL,
	"created_by_name" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "data_contracts_model_id_model_version_version_pk" PRIMARY KEY("model_id","model_version","version")
);
--> statement-breakpoint
ALTER TABLE "batches" ADD COLUMN "contract_version" integer;--> statement-breakpoint
ALTER TABLE "batches" ADD COLUMN "violations" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "batches" ADD COLUMN "set_aside" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "batches" ADD COLUMN "aside_path" text;--> statement-breakpoint
ALTER TABLE "batches" ADD COLUMN "first_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "batches" ADD COLUMN "last_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "data_contracts" ADD CONSTRAINT "data_contracts_model_id_model_version_model_versions_model_id_version_fk" FOREIGN KEY ("model_id","model_version") REFERENCES "public"."model_versions"("model_id","version") ON DELETE cascade ON UPDATE no action;