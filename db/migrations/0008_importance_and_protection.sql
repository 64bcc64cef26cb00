CREATE TABLE "model_protection" (
	"model_id" uuid PRIMARY KEY NOT NULL,
	"columns" jsonb NOT NULL,
	"favourable" text NOT NULL,
	"reason" text NOT NULL,
	"named_by" text NOT NULL,
	"named_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "version_importance" (
	"model_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"method" text NOT NULL,
	"values" jsonb NOT NULL,
	"sent_by" text NOT NULL,
	"sent_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "version_importance_model_id_version_pk" PRIMARY KEY("model_id","version")
);
--> statement-breakpoint
ALTER TABLE "model_protection" ADD CONSTRAINT "model_protection_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "version_importance" ADD CONSTRAINT "version_importance_model_id_version_model_versions_model_id_version_fk" FOREIGN KEY ("model_id","version") REFERENCES "public"."model_versions"("model_id","version") ON DELETE cascade ON UPDATE no action;